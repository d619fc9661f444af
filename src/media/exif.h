// The one tag of EXIF that matters here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace clipclap::media {

/// Tag 0x0112 of the first image directory of a TIFF structure, which is what an EXIF block is,
/// with or without "Exif\0\0" before it. Nothing where it is not there or the block is damaged.
std::optional<int> exif_orientation(std::span<const std::uint8_t> block);

/// tiff:Orientation in an XMP packet, as attribute or element.
std::optional<int> xmp_orientation(std::span<const std::uint8_t> packet);

}  // namespace clipclap::media
