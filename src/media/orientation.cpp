#include "media/orientation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace clipclap::media {
namespace {

constexpr std::ptrdiff_t kChannels = 3;

/// Copies pixels in squares, so that a transposed copy stays within the cache.
void copy_pixels(const std::uint8_t* source, std::ptrdiff_t step_x, std::ptrdiff_t step_y,
                 int width, int height, std::uint8_t* target) {
  constexpr int kBlock = 32;
  for (int top = 0; top < height; top += kBlock) {
    const int bottom = std::min(top + kBlock, height);
    for (int left = 0; left < width; left += kBlock) {
      const int right = std::min(left + kBlock, width);
      for (int y = top; y < bottom; ++y) {
        const std::uint8_t* from = source + y * step_y + left * step_x;
        std::uint8_t* to = target + (static_cast<std::ptrdiff_t>(y) * width + left) * kChannels;
        for (int x = left; x < right; ++x, from += step_x, to += kChannels) {
          to[0] = from[0];
          to[1] = from[1];
          to[2] = from[2];
        }
      }
    }
  }
}

}  // namespace

Orientation orientation_from_exif(int value) {
  constexpr Orientation kByValue[8] = {
      {false, false, false}, {false, true, false}, {false, true, true}, {false, false, true},
      {true, false, false},  {true, true, false},  {true, true, true},  {true, false, true},
  };
  return value >= 1 && value <= 8 ? kByValue[value - 1] : Orientation{};
}

Orientation orientation_from_matrix(std::span<const std::int32_t, 9> matrix) {
  // x' = a·x + c·y, y' = b·x + d·y
  const double a = matrix[0];
  const double b = matrix[1];
  const double c = matrix[3];
  const double d = matrix[4];
  if (std::fabs(a) + std::fabs(d) >= std::fabs(b) + std::fabs(c)) return {false, a < 0, d < 0};
  return {true, c < 0, b < 0};
}

Shape upright(Shape stored, const Orientation& orientation) {
  if (!orientation.transpose) return stored;
  return {stored.height, stored.width, 1.0 / stored.pixel_aspect};
}

Placement as_stored(Placement placement, const Orientation& orientation) {
  auto& region = placement.region;
  if (orientation.flip_x) region.left = placement.width - region.left - region.width;
  if (orientation.flip_y) region.top = placement.height - region.top - region.height;
  if (orientation.transpose) {
    std::swap(placement.width, placement.height);
    std::swap(region.left, region.top);
    std::swap(region.width, region.height);
  }
  return placement;
}

Picture upright(Picture picture, const Orientation& orientation) {
  if (orientation == Orientation{}) return picture;
  Picture result{picture.width, picture.height, picture.pixel_aspect, {}};
  std::ptrdiff_t step_x = kChannels;
  std::ptrdiff_t step_y = kChannels * picture.width;
  if (orientation.transpose) {
    std::swap(result.width, result.height);
    std::swap(step_x, step_y);
    result.pixel_aspect = 1.0 / picture.pixel_aspect;
  }
  const std::uint8_t* source = picture.rgb.data();
  if (orientation.flip_x) {
    source += step_x * (result.width - 1);
    step_x = -step_x;
  }
  if (orientation.flip_y) {
    source += step_y * (result.height - 1);
    step_y = -step_y;
  }
  result.rgb.resize(picture.rgb.size());
  copy_pixels(source, step_x, step_y, result.width, result.height, result.rgb.data());
  return result;
}

}  // namespace clipclap::media
