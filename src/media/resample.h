// Pillow's resampling of 8-bit RGB, byte for byte (Pillow 13, src/libImaging/Resample.c and, for
// the nearest neighbour, src/libImaging/Geometry.c).
#pragma once

#include <cstdint>
#include <vector>

#include <clipclap/picture.h>

#include "media/placement.h"
#include "media/preprocessing.h"

namespace clipclap::media {

/// The part `region` of what `picture` becomes at `width` × `height`, as packed RGB. Only the rows
/// and columns that the region needs are computed. `region` must lie inside the new size, and no
/// side may be 0.
std::vector<std::uint8_t> resample(const Picture& picture, int width, int height,
                                   const Region& region, Filter filter);

/// From a picture's corner to a place that may lie within a pixel.
struct Box {
  double width = 0;
  double height = 0;
};

/// The same of the part of the picture in the box (Pillow's argument of that name). `filter` is not
/// kNearest.
std::vector<std::uint8_t> resample(const Picture& picture, const Box& box, int width, int height,
                                   const Region& region, Filter filter);

}  // namespace clipclap::media
