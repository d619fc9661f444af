#include "media/sound_clock.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"

namespace clipclap::media {
namespace {

/// What ffmpeg's aresample corrects by padding or cutting at once (min_hard_comp).
constexpr double kToleratedSeconds = 0.1;
/// Thirty years; what is beyond is no time.
constexpr double kLatestSeconds = 1e9;

double to_seconds(std::int64_t timestamp, AVRational time_base) {
  const double seconds = static_cast<double>(timestamp) * time_base.num / time_base.den;
  return std::clamp(seconds, -kLatestSeconds, kLatestSeconds);
}

}  // namespace

SoundClock::SoundClock(AVRational time_base, std::int64_t start, std::string name)
    : name_(std::move(name)),
      time_base_(time_base),
      start_(start == AV_NOPTS_VALUE ? 0 : to_seconds(start, time_base)),
      expected_(start_) {}

double SoundClock::gap_before(const AVFrame& frame) {
  if (frame.best_effort_timestamp == AV_NOPTS_VALUE) return 0;
  const double told = to_seconds(frame.best_effort_timestamp, time_base_) + shift_;
  if (!begun_) {
    start_ = expected_ = told;
    return 0;
  }
  const double gap = told - expected_;
  if (gap > kToleratedSeconds) {
    expected_ = told;
    return gap;
  }
  if (gap < -kToleratedSeconds) {
    log_warning(
        fmt::format("{}: the clock of its sound jumps back by {:.3f} s after {:.3f} s; the "
                    "times after it go on from there",
                    name_, -gap, expected_));
    shift_ -= gap;
  }
  return 0;
}

void SoundClock::advance(const AVFrame& frame) {
  begun_ = true;
  if (frame.sample_rate > 0) {
    expected_ += static_cast<double>(frame.nb_samples) / frame.sample_rate;
  }
}

}  // namespace clipclap::media
