// Finds which of many strings a text begins with.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace clipclap::text {

/// A sorted list that is narrowed down byte by byte, which needs no memory besides the strings.
/// Immutable; refers to the strings, which must outlive it.
class PrefixIndex {
 public:
  struct Entry {
    std::string_view text;
    std::uint32_t value;
  };

  PrefixIndex() = default;
  /// Of equal strings the first one in `entries` counts. Empty strings are never found.
  explicit PrefixIndex(std::vector<Entry> entries);

  /// Calls `visit(length, value)` for each string that `text` begins with, shortest first.
  template <typename Visit>
  void for_each_prefix(std::string_view text, Visit visit) const {
    if (text.empty() || !first_bytes_[static_cast<unsigned char>(text[0])]) return;
    std::size_t begin = 0;
    std::size_t end = entries_.size();
    for (std::size_t length = 1; length <= text.size() && begin < end; ++length) {
      narrow(begin, end, length - 1, text[length - 1]);
      // The shortest of the strings that are left stands first.
      if (begin < end && entries_[begin].text.size() == length) {
        visit(length, entries_[begin].value);
      }
    }
  }

 private:
  /// Keeps those of the entries [begin, end), equal up to `offset`, that have `byte` there.
  void narrow(std::size_t& begin, std::size_t& end, std::size_t offset, char byte) const;

  std::vector<Entry> entries_;
  std::bitset<256> first_bytes_;
};

}  // namespace clipclap::text
