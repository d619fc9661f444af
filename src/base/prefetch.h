// Work ahead of who needs it, on a thread of its own.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace clipclap {

/// Calls `produce` again and again on a thread of its own, at most `capacity` items ahead, until it
/// gives nothing or throws. One thread may call next().
template <class Item>
class Prefetch {
 public:
  using Produce = std::function<std::optional<Item>()>;

  Prefetch(std::size_t capacity, Produce produce)
      : capacity_(capacity), produce_(std::move(produce)), thread_([this] { run(); }) {}

  /// Waits for the call of `produce` that is under way.
  ~Prefetch() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    room_.notify_one();
    thread_.join();
  }

  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  /// The next item; nothing at the end. What `produce` threw comes behind the items before it.
  std::optional<Item> next() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !items_.empty() || ended_; });
    if (items_.empty()) {
      if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
      return std::nullopt;
    }
    std::optional<Item> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    room_.notify_one();
    return item;
  }

 private:
  void run() {
    std::exception_ptr failure;
    try {
      while (auto item = produce_()) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return items_.size() < capacity_ || stopped_; });
        if (stopped_) break;
        items_.push_back(std::move(*item));
        lock.unlock();
        filled_.notify_one();
      }
    } catch (...) {
      failure = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      failure_ = failure;
      ended_ = true;
    }
    filled_.notify_one();
  }

  const std::size_t capacity_;
  const Produce produce_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable room_;
  std::deque<Item> items_;
  std::exception_ptr failure_;
  bool ended_ = false;
  bool stopped_ = false;
  /// Last, so that it starts when all else is there.
  std::thread thread_;
};

}  // namespace clipclap
