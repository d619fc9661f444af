// Threads of their own for sources that are read side by side and handed on in turn.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

namespace clipclap {

/// A source that is read ahead waits to be handed on, so what it reads with is of use to nobody
/// meanwhile; the first in turn has what it asks for, and those behind it as many as are left.
/// Thread-safe. Outlives what it gave.
class ThreadShares {
 public:
  using Share = std::shared_ptr<void>;

  explicit ThreadShares(std::size_t most) : most_(most) {}

  /// Waits until sources before `number` hold fewer than `most`, so the first never waits; after
  /// stop() nobody does. `count` of them are `number`'s until what it gives is let go.
  Share take(std::size_t number, std::size_t count) {
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [&] { return stopped_ || held_before(number) < most_; });
    held_[number] += count;
    return Share(this, [=, this](void*) { give_back(number, count); });
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    given_back_.notify_all();
  }

 private:
  std::size_t held_before(std::size_t number) const {
    std::size_t sum = 0;
    for (auto held = held_.begin(); held != held_.lower_bound(number); ++held) sum += held->second;
    return sum;
  }

  void give_back(std::size_t number, std::size_t count) {
    const std::lock_guard lock(mutex_);
    held_[number] -= count;
    given_back_.notify_all();
  }

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::map<std::size_t, std::size_t> held_;  ///< threads of each source
  bool stopped_ = false;
};

}  // namespace clipclap
