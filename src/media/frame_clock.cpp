#include "media/frame_clock.h"

extern "C" {
#include <libavutil/mathematics.h>
}

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "media/ffmpeg_compat.h"

namespace clipclap::media {
namespace {

/// Timestamps are kept far enough from the ends of their type that sums cannot overflow.
constexpr std::int64_t kLimit = std::int64_t{1} << 61;

std::int64_t bounded(std::int64_t timestamp) { return std::clamp(timestamp, -kLimit, kLimit); }

}  // namespace

FrameClock::FrameClock(const AVStream& stream, std::string name)
    : name_(std::move(name)), time_base_(stream.time_base) {
  const AVRational rate =
      stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate;
  if (rate.num > 0 && rate.den > 0) {
    usual_duration_ = bounded(av_rescale_q(1, av_inv_q(rate), time_base_));
  }
  if (stream.start_time != AV_NOPTS_VALUE) origin_ = bounded(stream.start_time);
}

FrameClock::Place FrameClock::place(const AVFrame& frame) {
  std::int64_t start = origin_;
  if (frame.best_effort_timestamp != AV_NOPTS_VALUE) {
    start = bounded(bounded(frame.best_effort_timestamp) + shift_);
    const bool falls = last_ && start < last_->start;
    if (falls && !last_is_told_) {
      // Only our own guess was further: wait there until the file's clock has come up to it.
      start = last_->start;
    } else if (falls) {
      const std::int64_t resumed = std::max(last_->end, last_->start + 1);
      log_warning(
          fmt::format("{}: the clock jumps back by {:.3f} s after {:.3f} s; the times after "
                      "it go on from there",
                      name_, to_seconds(resumed - start), to_seconds(last_->start)));
      shift_ = bounded(shift_ + resumed - start);
      start = resumed;
    }
    last_is_told_ = last_is_told_ || !falls;
  } else if (last_) {
    start = bounded(last_->start + (usual_duration_ > 0 ? usual_duration_ : duration_of(frame)));
    last_is_told_ = false;
  }
  last_ = Place{start, bounded(start + duration_of(frame))};
  return *last_;
}

std::optional<std::int64_t> FrameClock::packet_end(const AVPacket& packet) const {
  const std::int64_t start = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (start == AV_NOPTS_VALUE) return std::nullopt;
  const std::int64_t duration = packet.duration > 0 ? packet.duration : usual_duration_;
  return bounded(bounded(start) + bounded(duration) + shift_);
}

std::int64_t FrameClock::duration_of(const AVFrame& frame) const {
  const std::int64_t duration = frame_duration(frame);
  return duration > 0 ? bounded(duration) : usual_duration_;
}

double FrameClock::to_seconds(std::int64_t timestamp) const {
  return static_cast<double>(timestamp) * time_base_.num / time_base_.den;
}

}  // namespace clipclap::media
