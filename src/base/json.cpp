#include "base/json.h"

#include <algorithm>

#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap {
namespace {

constexpr int kMaximumDepth = 256;

std::string describe_place(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto last_break = before.rfind('\n');
  const auto column = before.size() - (last_break == std::string_view::npos ? 0 : last_break + 1);
  return fmt::format("line {}, column {}", line, column);
}

}  // namespace

Json parse_json(std::string_view text, const std::string& origin) {
  const auto guard_depth = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaximumDepth) {
      throw Error(ErrorCode::kInvalidData, "is nested too deeply to be what it should be", origin);
    }
    return true;
  };
  const auto refuse = [&](std::size_t offset) {
    throw Error(
        ErrorCode::kInvalidData,
        fmt::format("is not valid JSON at {}; fetch the file again", describe_place(text, offset)),
        origin);
  };
  // The parser takes a NUL for the end of its input and would not see what stands behind it.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) refuse(nul);
  try {
    return Json::parse(text.begin(), text.end(), guard_depth);
  } catch (const Json::parse_error& failure) {
    refuse(failure.byte);
  } catch (const Json::out_of_range&) {
    throw Error(ErrorCode::kInvalidData, "holds a number too large to be one; fetch the file again",
                origin);
  }
  return {};
}

}  // namespace clipclap
