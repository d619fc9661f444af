#include "media/sound_cutter.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap::media {
namespace {

std::size_t to_samples(double seconds, int sample_rate) {
  return static_cast<std::size_t>(std::llround(seconds * sample_rate));
}

SoundWindows make_windows(const SoundOptions& options) {
  // No number fails every comparison.
  if (!(options.window_seconds > 0) || !(options.hop_seconds > 0)) {
    throw Error(ErrorCode::kInvalidArgument, "a window and its hop must last longer than 0 s");
  }
  const auto window = to_samples(options.window_seconds, options.sample_rate);
  const auto hop = to_samples(options.hop_seconds, options.sample_rate);
  if (hop < 1 || hop > window) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("the hop of {} s must be above 0 and at most the window of {} s, or "
                            "something would not be heard",
                            options.hop_seconds, options.window_seconds));
  }
  return {window, hop};
}

}  // namespace

SoundCutter::SoundCutter(SoundClock clock, const SoundOptions& options, std::string name)
    : options_(options),
      clock_(std::move(clock)),
      resampler_(options.sample_rate, std::move(name)),
      windows_(make_windows(options)),
      gate_(options.sample_rate) {}

void SoundCutter::push(const AVFrame& frame) {
  heard_ = true;
  const double gap = clock_.gap_before(frame);
  if (gap > options_.window_seconds) {
    finish();
  } else if (gap > 0) {
    resampler_.flush(samples_);
    samples_.resize(samples_.size() + to_samples(gap, options_.sample_rate));
  }
  if (!std::exchange(in_stretch_, true)) stretch_start_ = clock_.end_seconds();
  clock_.advance(frame);
  resampler_.push(frame, samples_);
  windows_.push(std::exchange(samples_, {}));
  collect_windows();
}

void SoundCutter::finish() {
  resampler_.flush(samples_);
  windows_.push(std::exchange(samples_, {}));
  windows_.finish();
  collect_windows();
  in_stretch_ = false;
}

void SoundCutter::collect_windows() {
  while (auto window = windows_.next()) {
    const auto seconds = [&](std::size_t samples) {
      return static_cast<double>(samples) / options_.sample_rate;
    };
    SoundWindow made{.samples = std::move(window->samples)};
    made.start_seconds = stretch_start_ + static_cast<double>(window->start) / options_.sample_rate;
    made.end_seconds = made.start_seconds + seconds(made.samples.size());
    made.is_silent =
        options_.silence_floor && gate_.loudest_block(made.samples) <= *options_.silence_floor;
    ready_.push_back(std::move(made));
  }
}

std::optional<SoundWindow> SoundCutter::next() {
  if (ready_.empty()) return std::nullopt;
  SoundWindow window = std::move(ready_.front());
  ready_.pop_front();
  return window;
}

}  // namespace clipclap::media
