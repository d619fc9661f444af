#include "model/pixel_batch.h"

#include <cstring>

#include <ATen/ATen.h>

namespace clipclap::model {

PixelBatch::PixelBatch(std::size_t capacity, const media::Preprocessing& preprocessing)
    : preprocessing_(&preprocessing), capacity_(capacity) {}

void PixelBatch::add(const Picture& picture) {
  const auto prepared = media::prepare(picture, *preprocessing_);
  if (!memory_.defined()) {
    memory_ = at::empty({static_cast<std::int64_t>(capacity_), prepared.height, prepared.width, 3},
                        at::kByte);
  }
  auto* place = memory_.data_ptr<std::uint8_t>() + count_ * prepared.rgb.size();
  std::memcpy(place, prepared.rgb.data(), prepared.rgb.size());
  ++count_;
}

at::Tensor PixelBatch::pixels() const {
  return memory_.narrow(0, 0, static_cast<std::int64_t>(count_));
}

}  // namespace clipclap::model
