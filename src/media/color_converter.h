// Frames of any pixel format to RGB.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <clipclap/picture.h>

#include "media/ffmpeg_handles.h"
#include "media/placement.h"
#include "media/yuv_resampler.h"

namespace clipclap::media {

/// What a film was warned of: once, however many threads convert its frames.
struct ColorWarnings {
  std::atomic_flag of_transfer{};
  std::atomic_flag of_matrix{};
};

/// Converts frames to 8-bit full-range RGB of the same size. RGB, grey and palette formats are
/// unpacked as they are (deeper ones cut to 8 bits, alpha dropped); YUV goes through swscale with
/// the frame's matrix, range and chroma location. Frames without a matrix are BT.601 below 720
/// lines and BT.709 from there on. Keeps its scaler between frames of one kind. Not thread-safe.
class ColorConverter {
 public:
  /// `name` is the input's, for warnings and errors.
  explicit ColorConverter(std::string name, std::shared_ptr<ColorWarnings> warnings =
                                                std::make_shared<ColorWarnings>());

  /// The picture as stored: not turned, pixel_aspect 1. `codec` tells what the frame leaves open.
  /// Throws Error (kUnsupported) for pixel formats that cannot be converted.
  Picture convert(const AVFrame& frame, AVCodecID codec);

  /// The placement's region of the picture as stored, as packed RGB, in one pass from the frame's
  /// own pixels; nothing where only convert() will do. A frame of YUV is never less exact this way.
  std::optional<std::vector<std::uint8_t>> resample(const AVFrame& frame, AVCodecID codec,
                                                    const Placement& placement, Filter filter);

 private:
  /// All that a scaler depends on.
  struct Settings {
    int width = 0;
    int height = 0;
    AVPixelFormat format = AV_PIX_FMT_NONE;
    AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
    bool full_range = false;
    AVChromaLocation chroma = AVCHROMA_LOC_UNSPECIFIED;
    bool operator==(const Settings&) const = default;
  };

  static Settings settings_for(const AVFrame& frame);
  void prepare_scaler(const Settings& settings);
  void warn_of_transfer(const AVFrame& frame);
  void warn_of_matrix(AVColorSpace matrix);

  std::string name_;
  YuvResampler resampler_;
  Settings settings_;
  ScalerPointer scaler_;
  FramePointer rgb_;
  std::shared_ptr<ColorWarnings> warnings_;
};

}  // namespace clipclap::media
