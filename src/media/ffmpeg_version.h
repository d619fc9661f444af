// Which FFmpeg libraries are loaded.
#pragma once

#include <string>

namespace clipclap::media {

/// The libraries at run time, e.g. "5.1.9 (libavformat 59.27.100, libavcodec 59.37.100, …)".
std::string ffmpeg_version();

}  // namespace clipclap::media
