#include "media/sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <clipclap/error.h>

namespace clipclap::media {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kNanoseconds = 1'000'000'000;

std::int64_t to_nanoseconds(double seconds) {
  const double nanoseconds = seconds * kNanoseconds;
  if (!(nanoseconds >= 0.5) || !(nanoseconds < 9e18)) {
    throw Error(ErrorCode::kInvalidArgument,
                "the sampling interval must be above 0 seconds and below 285 years");
  }
  return std::llround(nanoseconds);
}

}  // namespace

Sampler::Sampler(const Sampling& sampling, AVRational time_base)
    : mode_(sampling.mode),
      fast_(sampling.fast),
      time_base_(time_base),
      step_(sampling.frame_step) {
  if (mode_ == Sampling::Mode::kInterval) {
    interval_nanoseconds_ = to_nanoseconds(sampling.interval_seconds);
  }
  if (mode_ == Sampling::Mode::kEveryNth && step_ <= 0) {
    throw Error(ErrorCode::kInvalidArgument, "the number of frames to step must be above 0");
  }
}

bool Sampler::take(std::int64_t timestamp, bool key_frame) {
  switch (mode_) {
    case Sampling::Mode::kInterval:
      return take_at_interval(timestamp, key_frame);
    case Sampling::Mode::kEveryNth:
      return seen_++ % step_ == 0;
    case Sampling::Mode::kKeyframes:
      break;
  }
  return key_frame;
}

/// The last multiple of the interval up to there, counted from the first frame; or up to half an
/// interval behind it, which is the nearest.
std::int64_t Sampler::multiple_at(std::int64_t timestamp, bool half_ahead) const {
  // elapsed / interval, both times 1e9 × time_base.den
  const Wide interval = static_cast<Wide>(interval_nanoseconds_) * time_base_.den;
  const Wide elapsed =
      (static_cast<Wide>(timestamp) - *first_timestamp_) * time_base_.num * kNanoseconds +
      (half_ahead ? interval / 2 : 0);
  // A damaged timestamp must not make the count wrap.
  constexpr Wide kMaxCount = std::numeric_limits<std::int64_t>::max() - 1;
  if (elapsed < 0) return -1;
  return static_cast<std::int64_t>(std::min(elapsed / interval, kMaxCount));
}

bool Sampler::take_at_interval(std::int64_t timestamp, bool key_frame) {
  if (!first_timestamp_) first_timestamp_ = timestamp;
  const auto multiple = multiple_at(timestamp, fast_ && key_frame);
  if (multiple < next_multiple_) return false;
  next_multiple_ = multiple + 1;
  return true;
}

bool Sampler::takes_after(std::int64_t before, std::int64_t timestamp) const {
  return multiple_at(timestamp) > multiple_at(before);
}

bool Sampler::stands_for(std::int64_t key_frame, std::int64_t timestamp) const {
  return fast_ && multiple_at(key_frame, true) == multiple_at(timestamp);
}

}  // namespace clipclap::media
