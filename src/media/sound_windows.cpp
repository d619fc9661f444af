#include "media/sound_windows.h"

#include <algorithm>

namespace clipclap::media {

void SoundWindows::push(std::span<const float> samples) {
  if (finished_) *this = SoundWindows(window_, hop_);
  kept_.insert(kept_.end(), samples.begin(), samples.end());
  length_ += static_cast<std::int64_t>(samples.size());
}

void SoundWindows::finish() { finished_ = true; }

std::optional<CutWindow> SoundWindows::next() {
  const auto window = static_cast<std::int64_t>(window_);
  if (next_start_ + window <= length_) {
    auto result = cut(next_start_, window_);
    covered_ = next_start_ + window;
    next_start_ += static_cast<std::int64_t>(hop_);
    // The last window may begin this far back.
    const auto needed_from = std::max(kept_from_, std::min(next_start_, covered_ - window));
    kept_.erase(kept_.begin(), kept_.begin() + (needed_from - kept_from_));
    kept_from_ = needed_from;
    return result;
  }
  if (!finished_ || covered_ >= length_) return std::nullopt;
  const auto start = std::max<std::int64_t>(0, length_ - window);
  covered_ = length_;
  return cut(start, static_cast<std::size_t>(length_ - start));
}

CutWindow SoundWindows::cut(std::int64_t start, std::size_t count) const {
  const auto begin = kept_.begin() + (start - kept_from_);
  return {start, {begin, begin + static_cast<std::ptrdiff_t>(count)}};
}

}  // namespace clipclap::media
