// Which frames of a stream are taken, decided in exact arithmetic.
#pragma once

extern "C" {
#include <libavutil/rational.h>
}

#include <cstdint>
#include <optional>

#include <clipclap/media.h>

namespace clipclap::media {

/// Decides frame by frame. Not thread-safe.
class Sampler {
 public:
  /// `time_base` is the unit of the timestamps that follow. Throws Error (kInvalidArgument) for an
  /// interval or a step that is not above 0.
  Sampler(const Sampling& sampling, AVRational time_base);

  /// Whether the frame is taken. `timestamp` never falls from one call to the next.
  bool take(std::int64_t timestamp, bool key_frame);

  /// Whether frames are taken by their times alone, and the first of them is known.
  bool goes_by_time() const { return mode_ == Sampling::Mode::kInterval && first_timestamp_; }
  /// Where goes_by_time(): whether a frame is taken if the one before it is shown at `before`.
  bool takes_after(std::int64_t before, std::int64_t timestamp) const;
  /// Where goes_by_time(): whether a key frame may stand for what is sampled at `timestamp`.
  bool stands_for(std::int64_t key_frame, std::int64_t timestamp) const;
  /// Whether frames are taken near where they should be.
  bool is_fast() const { return fast_; }

 private:
  std::int64_t multiple_at(std::int64_t timestamp, bool half_ahead = false) const;
  bool take_at_interval(std::int64_t timestamp, bool key_frame);

  Sampling::Mode mode_;
  bool fast_;
  AVRational time_base_;
  /// An interval is exact in nanoseconds: 0.1 s is a tenth, not the double next to it.
  std::int64_t interval_nanoseconds_ = 0;
  std::int64_t step_ = 1;
  std::int64_t seen_ = 0;
  std::optional<std::int64_t> first_timestamp_;
  std::int64_t next_multiple_ = 0;
};

}  // namespace clipclap::media
