// One order for what several streams give.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace clipclap::classify {

/// Hands records on by where their windows begin; those of one stream stay in their order, and of
/// several that begin together the stream with the lower number comes first. Record has a
/// `window`. Not thread-safe.
template <class Record>
class Timeline {
 public:
  using Sink = std::function<void(const Record&)>;

  Timeline(std::size_t streams, Sink sink) : waiting_(streams), sink_(std::move(sink)) {}

  void add(std::size_t stream, Record record) {
    waiting_[stream].push_back(std::move(record));
    ++count_;
    while (count_ > 0 && (all_wait() || count_ > kMostWaiting)) hand_on_first();
  }

  /// No more records come.
  void finish() {
    while (count_ > 0) hand_on_first();
  }

 private:
  /// Where a stream is silent for longer, as its gaps may be, the others do not wait for it: memory
  /// must not grow with the file.
  static constexpr std::size_t kMostWaiting = 1024;

  bool all_wait() const {
    for (const auto& records : waiting_) {
      if (records.empty()) return false;
    }
    return true;
  }

  void hand_on_first() {
    std::deque<Record>* first = nullptr;
    for (auto& records : waiting_) {
      if (records.empty()) continue;
      if (first == nullptr || begins_before(records.front(), first->front())) first = &records;
    }
    const Record record = std::move(first->front());
    first->pop_front();
    --count_;
    sink_(record);
  }

  static bool begins_before(const Record& a, const Record& b) {
    return a.window.start_seconds < b.window.start_seconds;
  }

  std::vector<std::deque<Record>> waiting_;
  std::size_t count_ = 0;
  Sink sink_;
};

}  // namespace clipclap::classify
