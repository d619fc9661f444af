#include "media/box_track.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/log.h"
#include "media/frame_preparer.h"

namespace clipclap::media {
namespace {

/// Times are written with three decimals or more: 0.033 means the frame at 0.0333….
constexpr double kRounding = 0.0005 + 1e-9;

/// The time from which on boxes belong to a later frame.
double border_behind(const ShownFrame& frame) {
  if (frame.is_last) return std::max(frame.end_seconds, frame.start_seconds + kRounding);
  return frame.end_seconds -
         std::clamp((frame.end_seconds - frame.start_seconds) / 2, 0.0, kRounding);
}

}  // namespace

BoxTrack::BoxTrack(std::string name, std::vector<DetectedBox> boxes)
    : name_(std::move(name)), boxes_(std::move(boxes)) {
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    if (boxes_[i].start_seconds) by_time_.push_back(i);
    if (boxes_[i].frame) by_frame_.push_back(i);
  }
  std::stable_sort(by_time_.begin(), by_time_.end(), [&](std::size_t a, std::size_t b) {
    return *boxes_[a].start_seconds < *boxes_[b].start_seconds;
  });
  std::stable_sort(by_frame_.begin(), by_frame_.end(), [&](std::size_t a, std::size_t b) {
    return *boxes_[a].frame < *boxes_[b].frame;
  });
}

std::vector<DetectedBox> BoxTrack::of_picture(int width, int height) {
  std::vector<std::size_t> all(boxes_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return take(all, width, height);
}

std::vector<DetectedBox> BoxTrack::of_next_frame(const ShownFrame& frame) {
  if (next_frame_ == 0) require_times();
  std::vector<std::size_t> numbers;
  const double border = border_behind(frame);
  for (; times_taken_ < by_time_.size(); ++times_taken_) {
    const auto number = by_time_[times_taken_];
    if (*boxes_[number].start_seconds >= border) break;
    numbers.push_back(number);
  }
  for (; frames_taken_ < by_frame_.size(); ++frames_taken_) {
    const auto number = by_frame_[frames_taken_];
    if (*boxes_[number].frame > next_frame_) break;
    numbers.push_back(number);
  }
  ++next_frame_;
  std::sort(numbers.begin(), numbers.end());
  return take(numbers, frame.width, frame.height);
}

bool BoxTrack::is_done() const {
  return times_taken_ == by_time_.size() && frames_taken_ == by_frame_.size();
}

void BoxTrack::finish() const {
  const auto behind = boxes_.size() - taken_;
  if (outside_ + behind == 0) return;
  log_warning(fmt::format(
      "{}: of {} boxes {} are passed over: {} have no area inside the picture, {} lie behind the "
      "end",
      name_, boxes_.size(), outside_ + behind, outside_, behind));
}

void BoxTrack::require_times() const {
  const auto timeless = std::find_if(boxes_.begin(), boxes_.end(), [](const DetectedBox& box) {
    return !box.start_seconds && !box.frame;
  });
  if (timeless == boxes_.end()) return;
  const auto& box = timeless->box;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("a video's box [{},{},{},{}] does not say when; give it a \"start\" in "
                          "seconds or a \"frame\"",
                          box.x, box.y, box.width, box.height),
              name_);
}

std::vector<DetectedBox> BoxTrack::take(const std::vector<std::size_t>& numbers, int width,
                                        int height) {
  std::vector<DetectedBox> inside;
  for (const auto number : numbers) {
    const auto part = clip(boxes_[number].box, width, height);
    if (!part) continue;
    inside.push_back(boxes_[number]);
    inside.back().box = *part;
  }
  taken_ += numbers.size();
  outside_ += numbers.size() - inside.size();
  return inside;
}

}  // namespace clipclap::media
