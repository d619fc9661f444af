// Decoded sound of one stream to windows as a model hears them.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "media/loudness.h"
#include "media/media_stream.h"
#include "media/mono_resampler.h"
#include "media/sound_clock.h"
#include "media/sound_options.h"
#include "media/sound_windows.h"

namespace clipclap::media {

/// Gaps of up to a window are filled with silence; behind a longer one the windows begin anew at
/// its end. Memory depends on the window. Not thread-safe.
class SoundCutter {
 public:
  /// `name` is the input's, for warnings and errors. Throws Error (kInvalidArgument) for windows
  /// that cannot be.
  SoundCutter(SoundClock clock, const SoundOptions& options, std::string name);

  void push(const AVFrame& frame);
  /// No more comes of this stretch: its last window ends with it, and what is pushed afterwards
  /// begins anew.
  void finish();

  /// The next window that is complete.
  std::optional<SoundWindow> next();

  bool has_heard() const { return heard_; }
  double end_seconds() const { return clock_.end_seconds(); }

 private:
  void collect_windows();

  SoundOptions options_;
  SoundClock clock_;
  MonoResampler resampler_;
  SoundWindows windows_;
  LoudnessGate gate_;
  std::vector<float> samples_;
  double stretch_start_ = 0;
  bool in_stretch_ = false;
  bool heard_ = false;
  std::deque<SoundWindow> ready_;
};

}  // namespace clipclap::media
