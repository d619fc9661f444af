// Where decoded sound stands in time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// Follows the timestamps of a sound stream. Sound runs on by itself, so timestamps count only
/// where they leave it by more than rounding and jitter explain. Not thread-safe.
class SoundClock {
 public:
  /// Timestamps are in units of `time_base`; `start` is AV_NOPTS_VALUE where it is not known before
  /// the first frame. `name` is the input's, for the warning about a jump.
  SoundClock(AVRational time_base, std::int64_t start, std::string name);

  /// Seconds without sound before the next frame: 0 where it follows, above 0 for a gap. Where the
  /// clock jumps back (files joined end to end) the sound goes on from where it was.
  double gap_before(const AVFrame& frame);

  /// Counts the frame as heard.
  void advance(const AVFrame& frame);

  /// Of the first frame, and behind the last, on the file's clock.
  double start_seconds() const { return start_; }
  double end_seconds() const { return expected_; }
  bool has_begun() const { return begun_; }

 private:
  std::string name_;
  AVRational time_base_;
  double start_;
  double expected_;  ///< where the next frame stands if nothing is missing
  double shift_ = 0;
  bool begun_ = false;
};

}  // namespace clipclap::media
