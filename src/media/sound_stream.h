// From the packets of a sound stream to windows of samples.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "media/decoder.h"
#include "media/loudness.h"
#include "media/media_stream.h"
#include "media/mono_resampler.h"
#include "media/sound_clock.h"
#include "media/sound_options.h"
#include "media/sound_windows.h"

namespace clipclap::media {

/// One sound stream. Gaps of up to a window are filled with silence; behind a longer one the
/// windows begin anew at its end. Memory depends on the window. Not thread-safe.
class SoundStream final : public MediaStream {
 public:
  /// Throws Error (kUnsupported) where there is no decoder, (kInvalidArgument) for windows that
  /// cannot be.
  SoundStream(const AVStream& stream, const SoundOptions& options, int decoder_threads,
              const std::string& name);

  void push(const AVPacket* packet) override;
  std::optional<MediaItem> next() override;
  bool has_decoded() const override { return decoded_; }
  void require_decoded() const override;
  double end_seconds() const override { return clock_.end_seconds(); }

 private:
  void take(const AVFrame& frame);
  void end_stretch();
  void collect_windows();

  std::string name_;
  SoundOptions options_;
  Decoder decoder_;
  SoundClock clock_;
  MonoResampler resampler_;
  SoundWindows windows_;
  LoudnessGate gate_;
  FramePointer frame_ = make_frame();
  std::vector<float> samples_;
  double stretch_start_ = 0;
  bool in_stretch_ = false;
  bool decoded_ = false;
  std::deque<SoundWindow> ready_;
};

}  // namespace clipclap::media
