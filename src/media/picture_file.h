// What a picture file says beside its pixels, for what libavcodec does not pass on in every version
// or does not refuse.
#pragma once

extern "C" {
#include <libavcodec/codec_id.h>
}

#include <cstdint>
#include <span>
#include <string>

#include "media/orientation.h"

namespace clipclap::media {

/// The orientation that a whole JPEG, PNG, WebP or TIFF file orders by EXIF or, where EXIF has
/// none, by XMP (tiff:Orientation). Upright for other codecs.
Orientation stored_orientation(AVCodecID codec, std::span<const std::uint8_t> file);

/// Whether the codec is one whose orientation stored_orientation() reads.
bool stores_orientation(AVCodecID codec);

/// Why the file is not whole, for the message to the user; empty where nothing is missing. Only for
/// the formats whose decoders make up what is missing.
std::string missing_part(AVCodecID codec, std::span<const std::uint8_t> file);

/// Whether the file is an animated WebP, which libavcodec cannot decode before FFmpeg 8.
bool is_animated_webp(AVCodecID codec, std::span<const std::uint8_t> file);

}  // namespace clipclap::media
