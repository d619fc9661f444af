#include "classify/encoder_pool.h"

#include <utility>

#include "model/compute_threads.h"

namespace clipclap::classify {

EncoderPool::~EncoderPool() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  filled_.notify_all();
  for (auto& thread : threads_) thread.join();
}

std::future<at::Tensor> EncoderPool::submit(Task task) {
  std::packaged_task<at::Tensor()> packaged(std::move(task));
  auto result = packaged.get_future();
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(packaged));
  }
  filled_.notify_one();
  while (threads_.size() < thread_count_) threads_.emplace_back([this] { run(); });
  return result;
}

void EncoderPool::run() {
  if (thread_count_ > 1) model::compute_alone();
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

}  // namespace clipclap::classify
