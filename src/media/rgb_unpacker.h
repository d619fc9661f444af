// RGB, grey and palette pixels to 8-bit RGB without arithmetic that could change them.
#pragma once

#include <clipclap/picture.h>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// Whether unpack_rgb() reads the format: RGB, grey and palette formats of up to 16 bits.
bool can_unpack_rgb(AVPixelFormat format);

/// The frame's pixels; alpha is dropped. More than 8 bits are cut to the upper 8, as Pillow does,
/// fewer are stretched to 0 … 255. `limited_grey` stretches grey from 16 … 235.
Picture unpack_rgb(const AVFrame& frame, bool limited_grey);

}  // namespace clipclap::media
