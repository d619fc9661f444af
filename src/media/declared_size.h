// How long a file says it is, to tell a cut file from a whole one.
#pragma once

#include <cstdint>
#include <span>

namespace clipclap::media {

/// The size in bytes that the first bytes of a Matroska/WebM (segment size; RFC 9559, section 5.1)
/// or RIFF file (AVI, WebP) declare; 0 for other formats and where the writer left it open.
std::int64_t declared_size(std::span<const std::uint8_t> head);

}  // namespace clipclap::media
