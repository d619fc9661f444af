#include "cli/progress_line.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace clipclap::cli {
namespace {

double seconds_between(ProgressLine::Clock::time_point from, ProgressLine::Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string short_clock(double seconds) {
  const auto whole = static_cast<long>(std::clamp(seconds, 0.0, 359'999.0));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string bar(double fraction, int width) {
  const auto full = static_cast<int>(std::lround(fraction * width));
  std::string text;
  for (int i = 0; i < width; ++i) text += i < full ? "█" : "░";
  return text;
}

// The last characters of a name: what tells files apart is at the end.
std::string tail(const std::string& name, int characters) {
  const auto is_start = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
  auto left = std::count_if(name.begin(), name.end(), is_start);
  if (left <= characters) return name;
  if (characters < 2) return {};
  auto place = name.begin();
  for (; left >= characters; --left) place = std::find_if(place + 1, name.end(), is_start);
  return "…" + std::string(place, name.end());
}

}  // namespace

void ProgressLine::begin_input(const std::string& name, Clock::time_point now) {
  ++begun_;
  name_ = name;
  input_start_ = now;
  progress_ = {};
}

double ProgressLine::fraction() const {
  double within = 0;
  if (progress_.duration_seconds && *progress_.duration_seconds > 0) {
    within = progress_.position_seconds / *progress_.duration_seconds;
  }
  const auto done = static_cast<double>(begun_ - 1) + std::clamp(within, 0.0, 1.0);
  return std::clamp(done / static_cast<double>(inputs_), 0.0, 1.0);
}

std::string ProgressLine::rates(Clock::time_point now) const {
  const double elapsed = seconds_between(input_start_, now);
  if (elapsed <= 0 || progress_.windows == 0) return {};
  auto text = fmt::format("  {:.1f} windows/s", static_cast<double>(progress_.windows) / elapsed);
  if (progress_.position_seconds > 0) {
    text += fmt::format("  {:.1f}× realtime", progress_.position_seconds / elapsed);
  }
  return text;
}

std::string ProgressLine::time_left(Clock::time_point now) const {
  constexpr double kLeastFraction = 1e-3;
  const double done = fraction();
  if (!knows_fraction() || done < kLeastFraction) return {};
  const double elapsed = seconds_between(run_start_, now);
  return fmt::format("  {} left", short_clock(elapsed * (1 - done) / done));
}

std::string ProgressLine::text(int columns, Clock::time_point now) const {
  constexpr int kBarWidth = 16;
  constexpr int kWideTerminal = 60;
  constexpr int kReadableName = 8;
  std::string text;
  if (knows_fraction()) {
    const double done = fraction();
    if (columns >= kWideTerminal) text += bar(done, kBarWidth);
    text += fmt::format("{:4.0f}%", 100 * done);
  } else {
    text += short_clock(progress_.position_seconds);
  }
  text += time_left(now);
  if (columns >= kWideTerminal) text += rates(now);
  if (inputs_ > 1) text += fmt::format("  {}/{}", begun_, inputs_);
  const auto used = std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  });
  const int room = columns - static_cast<int>(used) - 2;
  if (room >= kReadableName) text += "  " + tail(name_, room);
  return text;
}

}  // namespace clipclap::cli
