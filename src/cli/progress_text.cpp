#include "cli/progress_text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace clipclap::cli {
namespace {

std::string bar(double fraction, int width) {
  const auto full = static_cast<int>(std::lround(fraction * width));
  std::string text;
  for (int i = 0; i < width; ++i) text += i < full ? "█" : "░";
  return text;
}

bool is_start(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

int count_characters(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), is_start));
}

// The last characters of a name: what tells files apart is at the end.
std::string tail(const std::string& name, int characters) {
  auto left = count_characters(name);
  if (left <= characters) return name;
  if (characters < 2) return {};
  auto place = name.begin();
  for (; left >= characters; --left) place = std::find_if(place + 1, name.end(), is_start);
  return "…" + std::string(place, name.end());
}

}  // namespace

std::string short_clock(double seconds) {
  const auto whole = static_cast<long>(std::clamp(seconds, 0.0, 359'999.0));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string to_line(const ProgressText& text, int columns) {
  constexpr int kBarWidth = 16;
  constexpr int kWideTerminal = 60;
  constexpr int kReadableName = 8;
  const bool is_wide = columns >= kWideTerminal;
  std::string line;
  if (text.fraction) {
    if (is_wide) line += bar(*text.fraction, kBarWidth);
    line += fmt::format("{:4.0f}%", 100 * *text.fraction);
  } else {
    line += text.position;
  }
  const auto add = [&](const std::string& part) {
    if (!part.empty()) line += "  " + part;
  };
  if (text.seconds_left) add(short_clock(*text.seconds_left) + " left");
  if (is_wide) add(text.rates);
  add(text.count);
  const int room = columns - count_characters(line) - 2;
  if (room >= kReadableName) add(tail(text.name, room));
  return line;
}

}  // namespace clipclap::cli
