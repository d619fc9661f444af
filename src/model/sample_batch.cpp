#include "model/sample_batch.h"

#include <algorithm>

#include <ATen/ops/empty.h>

namespace clipclap::model {

bool SampleBatch::has_length_of(std::span<const float> window) const {
  return memory_.defined() && memory_.size(1) == static_cast<std::int64_t>(window.size());
}

bool SampleBatch::takes(std::span<const float> window) const {
  return empty() || (count_ < capacity_ && has_length_of(window));
}

void SampleBatch::add(std::span<const float> window) {
  if (!has_length_of(window)) {
    memory_ =
        at::empty({static_cast<std::int64_t>(capacity_), static_cast<std::int64_t>(window.size())});
  }
  std::copy(window.begin(), window.end(), memory_.data_ptr<float>() + count_ * window.size());
  ++count_;
}

at::Tensor SampleBatch::samples() const {
  return memory_.narrow(0, 0, static_cast<std::int64_t>(count_));
}

}  // namespace clipclap::model
