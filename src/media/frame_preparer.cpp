#include "media/frame_preparer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "media/placement.h"

namespace clipclap::media {

Picture FramePreparer::whole(const AVFrame& frame, const FrameTraits& traits) {
  if (!preprocessing_) return convert(frame, traits);
  const Shape stored{frame.width, frame.height, traits.pixel_aspect};
  const Placement placement = place(upright(stored, traits.orientation), *preprocessing_);
  const Placement as_it_lies = as_stored(placement, traits.orientation);
  auto pixels = converter_.resample(frame, traits.codec, as_it_lies, preprocessing_->filter);
  if (!pixels) return prepare(convert(frame, traits), *preprocessing_);
  const auto& region = as_it_lies.region;
  Picture part{region.width, region.height, 1.0, std::move(*pixels)};
  return put_in_place(upright(std::move(part), traits.orientation).rgb, placement,
                      preprocessing_->fill);
}

std::vector<Picture> FramePreparer::parts(const AVFrame& frame, const FrameTraits& traits,
                                          std::span<const Box> boxes) {
  std::vector<Picture> pictures;
  if (boxes.empty()) return pictures;
  const Picture picture = convert(frame, traits);
  pictures.reserve(boxes.size());
  for (const Box& box : boxes) {
    Picture part = crop(picture, box);
    pictures.push_back(preprocessing_ ? prepare(part, *preprocessing_) : std::move(part));
  }
  return pictures;
}

Picture FramePreparer::convert(const AVFrame& frame, const FrameTraits& traits) {
  Picture picture = converter_.convert(frame, traits.codec);
  picture.pixel_aspect = traits.pixel_aspect;
  return upright(std::move(picture), traits.orientation);
}

std::optional<Box> clip(const Box& box, int width, int height) {
  // In 64 bits: a detector's corner may lie anywhere.
  const auto bound = [](std::int64_t value, int side) {
    return static_cast<int>(std::clamp<std::int64_t>(value, 0, side));
  };
  const int left = bound(box.x, width);
  const int top = bound(box.y, height);
  const int right = bound(std::int64_t{box.x} + box.width, width);
  const int bottom = bound(std::int64_t{box.y} + box.height, height);
  if (right <= left || bottom <= top) return std::nullopt;
  return Box{left, top, right - left, bottom - top};
}

Picture crop(const Picture& picture, const Box& box) {
  Picture part{box.width, box.height, picture.pixel_aspect, {}};
  const auto row_bytes = 3 * static_cast<std::size_t>(box.width);
  part.rgb.resize(row_bytes * static_cast<std::size_t>(box.height));
  for (int y = 0; y < box.height; ++y) {
    const auto pixel =
        static_cast<std::size_t>(box.y + y) * static_cast<std::size_t>(picture.width) +
        static_cast<std::size_t>(box.x);
    std::memcpy(&part.rgb[static_cast<std::size_t>(y) * row_bytes], &picture.rgb[3 * pixel],
                row_bytes);
  }
  return part;
}

}  // namespace clipclap::media
