// Several sources, read by several threads and handed on as if one had read them in turn.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace clipclap {

/// Each source is read by one thread from its first item to its last; which thread that is does not
/// show. Memory is bounded by the limits. One thread may call next().
template <class Item>
class ReadAhead {
 public:
  /// Gives items until it gives nothing or throws. Called and destroyed by the thread that made it.
  using Source = std::function<std::optional<Item>()>;
  using Open = std::function<Source(std::size_t number)>;

  struct Limits {
    std::size_t threads = 1;
    std::size_t items = 1;    ///< of one source that wait
    std::size_t sources = 1;  ///< begun and not yet handed on whole
  };

  /// What comes next of source `number`: an item, or its end where there is none. What the source
  /// threw comes with its end.
  struct Step {
    std::size_t number = 0;
    std::optional<Item> item{};
    std::exception_ptr failure{};
  };

  ReadAhead(std::size_t sources, const Limits& limits, Open open)
      : sources_(sources), limits_(limits), open_(std::move(open)) {
    const auto threads = std::min({limits.threads, limits.sources, sources});
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }

  /// Waits for the calls of sources that are under way.
  ~ReadAhead() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    room_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Waits for the next step; nothing behind the last source's end.
  std::optional<Step> next() {
    std::unique_lock lock(mutex_);
    if (done_ == sources_) return std::nullopt;
    filled_.wait(lock, [&] {
      return !begun_.empty() && (!begun_.front().items.empty() || begun_.front().ended);
    });
    auto& front = begun_.front();
    Step step{.number = done_};
    if (front.items.empty()) {
      step.failure = front.failure;
      begun_.pop_front();
      ++done_;
    } else {
      step.item = std::move(front.items.front());
      front.items.pop_front();
    }
    lock.unlock();
    room_.notify_all();
    return step;
  }

 private:
  struct Begun {
    std::deque<Item> items{};
    bool ended = false;
    std::exception_ptr failure{};
  };

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      room_.wait(lock, [&] {
        return stopped_ || claimed_ == sources_ || claimed_ < done_ + limits_.sources;
      });
      if (stopped_ || claimed_ == sources_) return;
      const auto number = claimed_++;
      auto& begun = begun_.emplace_back();  // stays where it is while others come and go
      lock.unlock();
      auto failure = read(number, begun);
      lock.lock();
      begun.failure = std::move(failure);
      begun.ended = true;
      filled_.notify_one();
    }
  }

  std::exception_ptr read(std::size_t number, Begun& begun) {
    try {
      const auto source = open_(number);
      while (auto item = source()) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return stopped_ || begun.items.size() < limits_.items; });
        if (stopped_) break;
        begun.items.push_back(std::move(*item));
        lock.unlock();
        filled_.notify_one();
      }
      return nullptr;
    } catch (...) {
      return std::current_exception();
    }
  }

  const std::size_t sources_;
  const Limits limits_;
  const Open open_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable room_;
  std::deque<Begun> begun_;  ///< the front one is number done_
  std::size_t claimed_ = 0;
  std::size_t done_ = 0;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace clipclap
