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
    const auto held = held_.emplace(number, count);
    return Share(this, [this, held](void*) { give_back(held); });
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    given_back_.notify_all();
  }

 private:
  using Held = std::multimap<std::size_t, std::size_t>;  ///< threads of sources

  std::size_t held_before(std::size_t number) const {
    std::size_t sum = 0;
    const auto end = held_.lower_bound(number);
    for (auto held = held_.begin(); held != end; ++held) sum += held->second;
    return sum;
  }

  void give_back(Held::const_iterator held) {
    const std::lock_guard lock(mutex_);
    held_.erase(held);
    given_back_.notify_all();
  }

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  Held held_;
  bool stopped_ = false;
};

}  // namespace clipclap
