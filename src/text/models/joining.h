// What byte pair encodings have in common: neighbours are joined, the pair of the lowest rank
// first, and of pairs of the same rank the one furthest to the left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

namespace clipclap::text {

/// The symbols of one word, linked in both directions so that joining two is quick.
///
/// Rules has the types `Symbol` (compared with ==) and `Rank` (compared with <), and
///   std::optional<std::pair<Rank, Symbol>> find(const Symbol& left, const Symbol& right) const
/// that says whether two neighbours may be joined, and to what.
template <typename Rules>
class Joining {
 public:
  using Symbol = typename Rules::Symbol;
  using Rank = typename Rules::Rank;

  explicit Joining(const Rules& rules) : rules_(rules) {}

  void add(const Symbol& symbol) {
    const auto index = static_cast<std::int32_t>(links_.size());
    if (!links_.empty()) links_.back().next = index;
    links_.push_back({symbol, index - 1, kNone, false});
  }

  void join_all() {
    for (std::size_t i = 0; i + 1 < links_.size(); ++i) propose(i);
    while (!candidates_.empty()) {
      const Candidate best = candidates_.top();
      candidates_.pop();
      join(best);
    }
  }

  template <typename Visit>
  void for_each(Visit visit) const {
    for (const auto& link : links_) {
      if (!link.removed) visit(link.symbol);
    }
  }

 private:
  static constexpr std::int32_t kNone = -1;
  struct Link {
    Symbol symbol;
    std::int32_t previous;
    std::int32_t next;
    bool removed;
  };
  struct Candidate {
    Rank rank;
    Symbol joined;
    std::size_t position;

    bool operator<(const Candidate& other) const {  // the heap's top is the largest
      if (rank < other.rank) return false;
      return other.rank < rank || position > other.position;
    }
  };

  Link& at(std::int32_t index) { return links_[static_cast<std::size_t>(index)]; }

  auto find(const Link& link) { return rules_.find(link.symbol, at(link.next).symbol); }

  void propose(std::size_t position) {
    const auto found = find(links_[position]);
    if (found) candidates_.push({found->first, found->second, position});
  }

  void join(const Candidate& candidate) {
    Link& left = links_[candidate.position];
    if (left.removed || left.next == kNone) return;
    const auto found = find(left);
    // One of the two may have been joined to something else since.
    if (!found || !(found->second == candidate.joined)) return;
    Link& right = at(left.next);
    right.removed = true;
    left.symbol = candidate.joined;
    left.next = right.next;
    if (left.next != kNone) {
      at(left.next).previous = static_cast<std::int32_t>(candidate.position);
      propose(candidate.position);
    }
    if (left.previous != kNone) propose(static_cast<std::size_t>(left.previous));
  }

  const Rules& rules_;
  std::vector<Link> links_;
  std::priority_queue<Candidate> candidates_;
};

}  // namespace clipclap::text
