#include "media/ffmpeg_version.h"

#include <fmt/format.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libswscale/swscale.h>
}

namespace clipclap::media {
namespace {

std::string dotted(unsigned version) {
  return fmt::format("{}.{}.{}", AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version),
                     AV_VERSION_MICRO(version));
}

}  // namespace

std::string ffmpeg_version() {
  return fmt::format("{} (libavformat {}, libavcodec {}, libswscale {})", av_version_info(),
                     dotted(avformat_version()), dotted(avcodec_version()),
                     dotted(swscale_version()));
}

}  // namespace clipclap::media
