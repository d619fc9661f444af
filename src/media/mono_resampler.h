// Decoded sound of any layout and rate to one channel at the model's rate.
#pragma once

#include <string>
#include <vector>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// Mixes by the standard matrix (ITU-R BS.775, as libswresample has it) scaled to sum 1, so equal
/// channels give themselves and nothing clips: of stereo the mean. Channels without places are
/// averaged. Resamples with soxr at its high quality, where libswresample has it, and otherwise
/// with libswresample's own engine at a long filter. Not thread-safe.
class MonoResampler {
 public:
  /// `name` is the input's, for warnings and errors.
  MonoResampler(int sample_rate, std::string name);

  /// Appends what is ready. A frame of another format or layout than the one before it begins anew.
  /// Samples that are no numbers, or beyond 120 dB above full scale, count as 0. Throws Error
  /// (kUnsupported) for what cannot be mixed.
  void push(const AVFrame& frame, std::vector<float>& samples);

  /// Appends what the filter still held back.
  void flush(std::vector<float>& samples);

 private:
  bool takes(const AVFrame& frame) const;
  void prepare(const AVFrame& frame);
  void convert(const AVFrame* frame, std::vector<float>& samples);
  FramePointer without_strays(const AVFrame& frame);

  int sample_rate_;
  std::string name_;
  ResamplerPointer resampler_;
  FramePointer prepared_for_;  ///< only its format, layout and rate
  bool warned_ = false;
};

}  // namespace clipclap::media
