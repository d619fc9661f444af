#include "output/subtitle_text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.h"

namespace clipclap::output {
namespace {

// What a subtitle's clock can tell: 99 hours, whatever a broken file says.
constexpr double kLastMillisecond = 359'999'999;

long to_milliseconds(double seconds) {
  return std::lround(std::clamp(seconds * 1000, 0.0, kLastMillisecond));
}

std::string clock(long milliseconds, char decimal_mark) {
  return fmt::format("{:02}:{:02}:{:02}{}{:03}", milliseconds / 3'600'000,
                     milliseconds / 60'000 % 60, milliseconds / 1000 % 60, decimal_mark,
                     milliseconds % 1000);
}

// An empty line would end the cue.
std::string one_line(std::string_view text) {
  auto line = replace_invalid_utf8(text);
  std::replace_if(
      line.begin(), line.end(),
      [](char character) { return static_cast<unsigned char>(character) < 0x20; }, ' ');
  return line;
}

}  // namespace

std::string cue_text(const TagRecord& record, const CueStyle& style) {
  if (record.labels.empty()) return {};
  const auto& window = record.window;
  const auto start = to_milliseconds(window.start_seconds);
  const auto end = std::max(to_milliseconds(window.end_seconds), start + 1);
  auto text =
      fmt::format("{} --> {}\n", clock(start, style.decimal_mark), clock(end, style.decimal_mark));
  for (const auto& label : record.labels) {
    for (const auto& subject : {window.box_label, label.unit}) {
      if (!subject.empty()) text += style.escape(one_line(subject)) + ": ";
    }
    text += fmt::format("{} {:.0f}%\n", style.escape(one_line(label.label)), 100 * label.score);
  }
  return text + '\n';
}

}  // namespace clipclap::output
