// Threads that do tasks side by side.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace clipclap {

/// The calling thread's number in its pool, from 0 on; 0 where it is of none.
inline thread_local std::size_t worker_number = 0;

/// The threads start with the first task. One thread may submit.
template <class Result>
class WorkerPool {
 public:
  using Task = std::function<Result()>;

  /// What each thread calls before its first task.
  using Prepare = std::function<void()>;

  WorkerPool(std::size_t threads, Prepare prepare)
      : thread_count_(threads), prepare_(std::move(prepare)) {}

  /// Waits for the tasks that are under way and drops the others.
  ~WorkerPool() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    filled_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  std::size_t thread_count() const { return thread_count_; }

  /// Tasks begin in the order in which they come. What a task throws is in the future.
  std::future<Result> submit(Task task) {
    std::packaged_task<Result()> packaged(std::move(task));
    auto result = packaged.get_future();
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(packaged));
    }
    filled_.notify_one();
    while (threads_.size() < thread_count_)
      threads_.emplace_back([this, number = threads_.size()] { run(number); });
    return result;
  }

 private:
  void run(std::size_t number) {
    worker_number = number;
    prepare_();
    while (true) {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [&] { return stopped_ || !tasks_.empty(); });
      if (stopped_) return;
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

  const std::size_t thread_count_;
  const Prepare prepare_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::packaged_task<Result()>> tasks_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace clipclap
