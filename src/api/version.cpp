#include <torch/version.h>

#include <clipclap/version.h>

#include "build_info.h"
#include "media/ffmpeg_version.h"

namespace clipclap {

Versions versions() {
  return {
      .clipclap = CLIPCLAP_VERSION, .libtorch = TORCH_VERSION, .ffmpeg = media::ffmpeg_version()};
}

}  // namespace clipclap
