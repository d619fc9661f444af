// Turning and mirroring pictures upright.
#pragma once

#include <cstdint>
#include <span>

#include <clipclap/picture.h>

#include "media/placement.h"

namespace clipclap::media {

/// One of the eight ways to lay a picture: first its axes are exchanged, if at all, then the result
/// is mirrored.
struct Orientation {
  bool transpose = false;
  bool flip_x = false;
  bool flip_y = false;

  bool operator==(const Orientation&) const = default;
};

/// The value of EXIF's tag 0x0112 (EXIF 2.32, 4.6.4 A): 1 … 8, anything else means upright.
Orientation orientation_from_exif(int value);

/// From libav's display matrix (libavutil/display.h: row vectors, 16.16 fixed point); an angle
/// between the quarters is taken as the nearest of them.
Orientation orientation_from_matrix(std::span<const std::int32_t, 9> matrix);

/// Of the upright picture where `stored` is the shape of the pixels as they lie.
Shape upright(Shape stored, const Orientation& orientation);

/// The same placement for the pixels as they lie; where the result lies is left as it is.
Placement as_stored(Placement placement, const Orientation& orientation);

/// The upright picture; its pixel_aspect is turned with it.
Picture upright(Picture picture, const Orientation& orientation);

}  // namespace clipclap::media
