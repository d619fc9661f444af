// Batches that are encoded side by side.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <ATen/core/Tensor.h>

namespace clipclap::classify {

/// Threads that each compute alone, on weights that they share: two of them get more done than two
/// that share each product, which waits for the slower. Started by the first task. One thread may
/// submit.
class EncoderPool {
 public:
  using Task = std::function<at::Tensor()>;

  explicit EncoderPool(std::size_t threads) : thread_count_(threads) {}
  /// Waits for the tasks that are under way and drops the others.
  ~EncoderPool();
  EncoderPool(const EncoderPool&) = delete;
  EncoderPool& operator=(const EncoderPool&) = delete;

  std::size_t thread_count() const { return thread_count_; }

  /// Tasks begin in the order in which they come. What a task throws is in the future.
  std::future<at::Tensor> submit(Task task);

 private:
  void run();

  std::size_t thread_count_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::packaged_task<at::Tensor()>> tasks_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace clipclap::classify
