// Where a picture's pixels go when it is prepared for a model.
#pragma once

#include <cstdint>
#include <vector>

#include <clipclap/picture.h>

#include "media/preprocessing.h"

namespace clipclap::media {

/// A rectangle of pixels inside a picture.
struct Region {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;

  bool operator==(const Region&) const = default;
};

/// An upright picture without its pixels.
struct Shape {
  int width = 0;
  int height = 0;
  double pixel_aspect = 1;
};

/// The picture becomes `width` × `height`; `region` of that lies in the result at `left`, `top`,
/// and what is not covered is filled.
struct Placement {
  int width = 0;
  int height = 0;
  Region region{};
  int result_width = 0;
  int result_height = 0;
  int left = 0;
  int top = 0;
};

/// Throws Error (kInvalidArgument) for pictures without area or a result too large to be meant.
Placement place(const Shape& picture, const Preprocessing& preprocessing);

/// The result around `pixels`, the packed RGB of the placement's region.
Picture put_in_place(std::vector<std::uint8_t> pixels, const Placement& placement,
                     std::uint8_t fill);

}  // namespace clipclap::media
