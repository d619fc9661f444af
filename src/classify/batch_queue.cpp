#include "classify/batch_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <ATen/ops/cat.h>

namespace clipclap::classify {
namespace {

/// Of two kinds of windows one may be rare; it goes when so many batches' worth of others have come
/// since, so that those do not pile up behind it.
constexpr std::size_t kPatienceBatches = 32;

/// Batches that are encoded or wait for it, for each thread.
constexpr std::size_t kBatchesAThread = 2;

std::size_t capacity_for(const model::DualEncoder* encoder, std::size_t batch) {
  if (batch > 0 || encoder == nullptr) return batch;
  return suitable_batch(*encoder);
}

/// One row for each window, and none where it is silent.
std::vector<EncodedWindow> with_rows(const WindowBatch& batch, const at::Tensor& rows) {
  std::vector<EncodedWindow> windows;
  std::int64_t row = 0;
  for (std::size_t i = 0; i < batch.windows().size(); ++i) {
    const auto& window = batch.windows()[i];
    windows.push_back({batch.places()[i], window, window.is_silent ? at::Tensor() : rows[row++]});
  }
  return windows;
}

/// A window that the model fails on is its own failure alone.
std::vector<EncodedWindow> one_by_one(const WindowBatch& batch) {
  std::vector<EncodedWindow> windows;
  std::size_t row = 0;
  for (std::size_t i = 0; i < batch.windows().size(); ++i) {
    EncodedWindow encoded{batch.places()[i], batch.windows()[i], {}};
    try {
      if (!encoded.window.is_silent) encoded.embedding = batch.encode(row++, 1)[0];
    } catch (const std::exception&) {
      encoded.failure = std::current_exception();
    }
    windows.push_back(std::move(encoded));
  }
  return windows;
}

}  // namespace

BatchQueue::BatchQueue(const Senses& senses, std::size_t batch, std::size_t most_under_way)
    : senses_(senses),
      capacity_{capacity_for(senses.eyes, batch), capacity_for(senses.ears, batch)},
      pool_(make_encoder_pool({senses.eyes, senses.ears})),
      most_under_way_(most_under_way > 0 ? most_under_way
                                         : kBatchesAThread * pool_.thread_count()) {}

void BatchQueue::add(const media::MediaItem& item, const Place& place, Window window) {
  const bool is_sound = window.kind == MediaKind::kAudio;
  const std::size_t kind = is_sound ? 1 : 0;
  auto& filling = filling_[kind];
  if (filling && !filling->batch.takes(item)) submit(filling, 1);
  if (!filling) {
    filling.emplace(Filling{{is_sound ? *senses_.ears : *senses_.eyes, capacity_[kind]}, added_});
  }
  filling->batch.add(item, place, std::move(window));
  ++added_;
  if (filling->batch.full()) submit(filling, 1);
  auto& other = filling_[1 - kind];
  if (other && added_ - other->begun_at > kPatienceBatches * largest_batch()) submit(other, 1);
}

void BatchQueue::flush() {
  for (auto& filling : filling_) {
    if (!filling) continue;
    // No other batch keeps the threads busy, so it is shared out; where it is the first of all it
    // goes through the tower at once, with all threads on each product.
    if (submitted_) {
      submit(filling, pool_.thread_count());
    } else {
      encode_here(filling);
    }
  }
}

void BatchQueue::encode_here(std::optional<Filling>& filling) {
  const auto batch = std::make_shared<const WindowBatch>(std::move(filling->batch));
  filling.reset();
  std::packaged_task<at::Tensor()> task([&] { return batch->encode(0, batch->row_count()); });
  UnderWay entry{batch, {}};
  entry.parts.push_back(task.get_future());
  task();
  under_way_.push_back(std::move(entry));
}

void BatchQueue::submit(std::optional<Filling>& filling, std::size_t most_parts) {
  const auto batch = std::make_shared<const WindowBatch>(std::move(filling->batch));
  filling.reset();
  submitted_ = true;
  const auto rows = batch->row_count();
  const auto part = std::max<std::size_t>(1, (rows + most_parts - 1) / most_parts);
  UnderWay entry{batch, {}};
  for (std::size_t first = 0; first < std::max<std::size_t>(rows, 1); first += part) {
    const auto count = std::min(part, rows - first);
    entry.parts.push_back(
        pool_.submit([batch, first, count] { return batch->encode(first, count); }));
  }
  under_way_.push_back(std::move(entry));
}

bool BatchQueue::is_ready() const {
  if (under_way_.empty()) return false;
  const auto& parts = under_way_.front().parts;
  return std::all_of(parts.begin(), parts.end(), [](const auto& part) {
    return part.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  });
}

std::function<bool(std::chrono::steady_clock::time_point)> BatchQueue::waiter() const {
  return [parts = under_way_.front().parts](std::chrono::steady_clock::time_point until) {
    return std::all_of(parts.begin(), parts.end(), [&](const auto& part) {
      return part.wait_until(until) == std::future_status::ready;
    });
  };
}

std::vector<EncodedWindow> BatchQueue::take() {
  auto entry = std::move(under_way_.front());
  under_way_.pop_front();
  try {
    std::vector<at::Tensor> parts;
    parts.reserve(entry.parts.size());
    for (auto& part : entry.parts) parts.push_back(part.get());
    return with_rows(*entry.batch, at::cat(parts));
  } catch (const std::exception&) {
    return one_by_one(*entry.batch);
  }
}

}  // namespace clipclap::classify
