#include "process/picture_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <clipclap/error.h>

#include "model/compute_threads.h"
#include "model/device.h"

namespace clipclap::process {
namespace {

constexpr std::size_t kBatchOfDevice = 8;

/// Batches that are worked on or wait for it, for each thread.
constexpr std::size_t kBatchesAThread = 2;

bool is_on_processor(const model::PictureModel& model) { return model.devices().front().is_cpu(); }

std::size_t batch_for(const model::PictureModel& model, std::size_t batch) {
  if (batch > 0) return batch;
  // A picture keeps a core busy, and what becomes of it on its way takes memory.
  return is_on_processor(model) ? 1 : kBatchOfDevice;
}

std::size_t threads_for(const model::PictureModel& model, std::size_t batches_in_flight) {
  const auto threads = is_on_processor(model) ? static_cast<std::size_t>(model::compute_threads())
                                              : model::kThreadsADevice * model.devices().size();
  return batches_in_flight > 0 ? std::min(threads, batches_in_flight) : threads;
}

WorkerPool<void> make_pool(std::size_t threads) {
  return WorkerPool<void>(threads, [threads] {
    if (threads > 1) model::compute_alone();
  });
}

}  // namespace

PictureQueue::PictureQueue(std::shared_ptr<const model::PictureModel> model,
                           const QueueOptions& options)
    : model_(std::move(model)),
      options_(options),
      batch_size_(batch_for(*model_, options.batch)),
      pool_(make_pool(threads_for(*model_, options.batches_in_flight))) {
  most_under_way_ = options.batches_in_flight > 0 ? options.batches_in_flight
                                                  : kBatchesAThread * pool_.thread_count();
}

PictureQueue::~PictureQueue() = default;

std::unique_ptr<PictureQueue> PictureQueue::fork() const {
  return std::make_unique<PictureQueue>(model_, options_);
}

void PictureQueue::push(at::Tensor picture) {
  const Size size{picture.size(1), picture.size(2)};
  Lock lock(mutex_);
  if (input_size_.value_or(size) != size) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("pictures of {} × {} and of {} × {} do not go together; all must have "
                            "one size",
                            input_size_->width, input_size_->height, size.width, size.height));
  }
  input_size_ = size;
  changed_.wait(lock, [&] { return !is_full(); });
  filling_.pictures.push_back(std::move(picture));
  changed_.wait(lock, [&] { return !is_full() || under_way_ < most_under_way_; });
  if (is_full()) send();
}

void PictureQueue::flush() {
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return filling_.pictures.empty() || under_way_ < most_under_way_; });
  if (!filling_.pictures.empty()) send();
}

void PictureQueue::send() {
  const auto batch = std::make_shared<Batch>(std::exchange(filling_, {}));
  sent_.push_back(batch);
  ++under_way_;
  pool_.submit([this, batch] { work(batch); });
  changed_.notify_all();
}

void PictureQueue::work(const std::shared_ptr<Batch>& batch) {
  auto results = run(batch->pictures);
  const std::lock_guard lock(mutex_);
  batch->pictures.clear();
  batch->results = std::move(results);
  batch->is_done = true;
  --under_way_;
  changed_.notify_all();
}

std::deque<PictureQueue::Result> PictureQueue::run(const std::vector<at::Tensor>& pictures) const {
  std::deque<Result> results;
  try {
    for (auto& picture : run_together(pictures).unbind()) results.push_back({std::move(picture)});
    return results;
  } catch (const std::exception&) {
    if (pictures.size() == 1) return {{{}, std::current_exception()}};
  }
  // A picture that the model fails on is its own failure alone, and one may fit a device's memory.
  for (const auto& picture : pictures) results.push_back(run({picture}).front());
  return results;
}

at::Tensor PictureQueue::run_together(const std::vector<at::Tensor>& pictures) const {
  const c10::InferenceMode no_autograd;
  return model_->run(at::stack(pictures), worker_number % model_->devices().size());
}

void PictureQueue::require_known_size(const at::Tensor& picture, Size input) {
  const Size size{picture.size(1), picture.size(2)};
  const auto known = output_sizes_.emplace(input, size).first->second;
  if (known == size) return;
  throw Error(
      ErrorCode::kInvalidData,
      fmt::format("makes pictures of varying size, {} × {} and {} × {}, of such of {} × {}",
                  known.width, known.height, size.width, size.height, input.width, input.height),
      model_->path());
}

PictureQueue::Status PictureQueue::take(const Use& use) {
  auto& results = sent_.front()->results;
  const auto drop = [&] {
    results.pop_front();
    if (results.empty()) sent_.pop_front();
  };
  const Result result = results.front();
  try {
    if (result.failure) std::rethrow_exception(result.failure);
    require_known_size(result.picture, *input_size_);
  } catch (...) {
    drop();
    throw;
  }
  use(result.picture);
  drop();
  return Status::kPicture;
}

PictureQueue::Status PictureQueue::poll(const Use& use) {
  const Lock lock(mutex_);
  if (has_result()) return take(use);
  return sent_.empty() && filling_.pictures.empty() ? Status::kEnd : Status::kAgain;
}

PictureQueue::Status PictureQueue::wait(double seconds, const Use& use) {
  using Clock = std::chrono::steady_clock;
  // Longer is not told from "without limit", and would not fit the clock.
  constexpr double kMostSeconds = 1e6;
  const auto start = Clock::now();
  const auto limit = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(std::min(seconds, kMostSeconds)));
  const bool has_limit = seconds >= 0 && seconds < kMostSeconds;
  Lock lock(mutex_);
  while (!has_result()) {
    if (sent_.empty()) {
      if (filling_.pictures.empty()) return Status::kEnd;
      send();
    }
    if (!has_limit) {
      changed_.wait(lock);
    } else if (changed_.wait_until(lock, start + limit) == std::cv_status::timeout) {
      return has_result() ? take(use) : Status::kAgain;
    }
  }
  return take(use);
}

PictureQueue::Size PictureQueue::output_size(Size input) {
  {
    const Lock lock(mutex_);
    const auto known = output_sizes_.find(input);
    if (known != output_sizes_.end()) return known->second;
  }
  constexpr double kGrey = 0.5;
  const c10::InferenceMode no_autograd;
  const auto picture = at::full({model_->channels(), input.height, input.width}, kGrey);
  const auto output = run_together({picture})[0];
  const Lock lock(mutex_);
  require_known_size(output, input);
  return {output.size(1), output.size(2)};
}

}  // namespace clipclap::process
