#include "cli/progress_line.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "cli/progress_text.h"

namespace clipclap::cli {
namespace {

double seconds_between(ProgressLine::Clock::time_point from, ProgressLine::Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

void ProgressLine::update(const Progress& progress, Clock::time_point now) {
  if (progress.input != progress_.input) input_start_ = last_update_;
  progress_ = progress;
  last_update_ = now;
}

double ProgressLine::fraction() const {
  double within = 0;
  if (progress_.duration_seconds && *progress_.duration_seconds > 0) {
    within = progress_.position_seconds / *progress_.duration_seconds;
  }
  const auto done = static_cast<double>(progress_.input) + std::clamp(within, 0.0, 1.0);
  return std::clamp(done / static_cast<double>(inputs_.size()), 0.0, 1.0);
}

std::string ProgressLine::rates(Clock::time_point now) const {
  const double elapsed = seconds_between(run_start_, now);
  if (elapsed <= 0 || progress_.windows == 0) return {};
  auto text = fmt::format("{:.1f} windows/s", static_cast<double>(progress_.windows) / elapsed);
  const double input_elapsed = seconds_between(input_start_, now);
  if (progress_.position_seconds > 0 && input_elapsed > 0) {
    text += fmt::format("  {:.1f}× realtime", progress_.position_seconds / input_elapsed);
  }
  return text;
}

std::optional<double> ProgressLine::seconds_left(Clock::time_point now) const {
  constexpr double kLeastFraction = 1e-3;
  const double done = fraction();
  if (!knows_fraction() || done < kLeastFraction) return std::nullopt;
  return seconds_between(run_start_, now) * (1 - done) / done;
}

std::string ProgressLine::text(int columns, Clock::time_point now) const {
  return to_line(
      {.fraction = knows_fraction() ? std::optional(fraction()) : std::nullopt,
       .position = short_clock(progress_.position_seconds),
       .seconds_left = seconds_left(now),
       .rates = rates(now),
       .count = inputs_.size() > 1 ? fmt::format("{}/{}", progress_.input + 1, inputs_.size())
                                   : std::string(),
       .name = inputs_[progress_.input]},
      columns);
}

}  // namespace clipclap::cli
