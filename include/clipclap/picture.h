// A decoded picture as plain data.
#pragma once

#include <cstdint>
#include <vector>

namespace clipclap {

/// An upright picture: `height` rows of `width` pixels, each R, G, B in 8 bits of full range,
/// rows one after another without padding (`rgb.size() == 3 * width * height`).
struct Picture {
  int width = 0;
  int height = 0;
  /// Width of a pixel over its height, as it is to be shown. 1 for square pixels.
  double pixel_aspect = 1.0;
  std::vector<std::uint8_t> rgb;
};

}  // namespace clipclap
