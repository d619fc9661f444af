#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/media.h>

namespace clipclap {
namespace {

struct Unit {
  std::string_view name;
  double seconds;
};

constexpr Unit kUnits[] = {{"s", 1.0}, {"ms", 0.001}, {"m", 60.0}};
/// Thirty years: longer than any recording, and exact in nanoseconds.
constexpr double kMaxIntervalSeconds = 1e9;

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("cannot sample every \"{}\": {}; write a time such as 1s, 0.5s, 250ms or "
                          "2m, or a number of frames such as 25",
                          text, reason));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of the digits at the start of `text`.
std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

/// Length of "12" or "12.5" at the start of `text`; 0 where there is no such number.
std::size_t number_length(std::string_view text) {
  const std::size_t whole = count_digits(text);
  if (whole == 0 || whole == text.size() || text[whole] != '.') return whole;
  const std::size_t fraction = count_digits(text.substr(whole + 1));
  return fraction == 0 ? 0 : whole + 1 + fraction;
}

Sampling every_nth(std::string_view text) {
  Sampling sampling{Sampling::Mode::kEveryNth};
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), sampling.frame_step);
  if (failure == std::errc::result_out_of_range) refuse(text, "the number is too large");
  if (end != text.data() + text.size()) refuse(text, "a number of frames has no fraction");
  if (sampling.frame_step == 0) refuse(text, "it must be above 0");
  return sampling;
}

}  // namespace

std::string_view to_string(MediaKind kind) noexcept {
  switch (kind) {
    case MediaKind::kVideo:
      return "video";
    case MediaKind::kImage:
      return "image";
    case MediaKind::kAudio:
      return "audio";
  }
  return "video";
}

Sampling Sampling::parse(std::string_view text) {
  const std::size_t length = number_length(text);
  if (length == 0) refuse(text, "it does not begin with a number");
  if (length == text.size()) return every_nth(text);

  const std::string_view suffix = text.substr(length);
  for (const Unit& unit : kUnits) {
    if (unit.name != suffix) continue;
    double number = 0;
    std::from_chars(text.data(), text.data() + length, number);
    // Dividing keeps "250ms" the double nearest to 0.25; 250 * 0.001 is not always it.
    const double seconds = unit.seconds < 1 ? number / (1 / unit.seconds) : number * unit.seconds;
    if (!(seconds <= kMaxIntervalSeconds)) refuse(text, "the interval is too long");
    if (seconds < 1e-9) refuse(text, "it must be above 0");
    return Sampling{Mode::kInterval, seconds};
  }
  refuse(text, fmt::format("\"{}\" is no unit", suffix));
}

StreamChoice StreamChoice::parse(std::string_view text) {
  StreamChoice choice;
  const bool is_sound = text.starts_with('a');
  if (is_sound) choice.kind = MediaKind::kAudio;
  const auto number = text.substr(std::min<std::size_t>(text.size(), 2));
  const bool is_bare = text.size() == 1;
  const auto [end, failure] =
      std::from_chars(number.data(), number.data() + number.size(), choice.number);
  const bool has_number = text.size() > 2 && text[1] == ':' && is_digit(number.front()) &&
                          failure == std::errc() && end == number.data() + number.size();
  if ((is_sound || text.starts_with('v')) && (is_bare || has_number)) return choice;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("\"{}\" names no stream; write v:0 for the first video, a:1 for the "
                          "second sound",
                          text));
}

std::string StreamChoice::name() const {
  return fmt::format("{}:{}", kind == MediaKind::kAudio ? 'a' : 'v', number);
}

}  // namespace clipclap
