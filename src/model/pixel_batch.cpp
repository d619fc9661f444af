#include "model/pixel_batch.h"

#include <cstring>

#include <ATen/ops/empty.h>

namespace clipclap::model {

bool PixelBatch::has_size_of(const Picture& prepared) const {
  return memory_.defined() && memory_.size(1) == prepared.height &&
         memory_.size(2) == prepared.width;
}

bool PixelBatch::takes(const Picture& prepared) const {
  return empty() || (!full() && has_size_of(prepared));
}

void PixelBatch::add(const Picture& prepared) {
  if (!has_size_of(prepared)) {
    memory_ = at::empty({static_cast<std::int64_t>(capacity_), prepared.height, prepared.width, 3},
                        options_);
  }
  auto* place = memory_.data_ptr<std::uint8_t>() + count_ * prepared.rgb.size();
  std::memcpy(place, prepared.rgb.data(), prepared.rgb.size());
  ++count_;
}

at::Tensor PixelBatch::pixels() const {
  return memory_.narrow(0, 0, static_cast<std::int64_t>(count_));
}

}  // namespace clipclap::model
