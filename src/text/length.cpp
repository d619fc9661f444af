#include "text/length.h"

#include <algorithm>

#include <fmt/format.h>

namespace clipclap::text {
namespace {

Side parse_side(const JsonNode& node) {
  if (node.string() == "Left") return Side::kLeft;
  if (node.string() == "Right") return Side::kRight;
  node.fail(ErrorCode::kInvalidData, "should be \"Left\" or \"Right\"");
}

}  // namespace

Truncation Truncation::parse(const JsonNode& node) {
  Truncation result;
  result.max_length = node.at("max_length").size();
  if (const auto direction = node.find("direction")) result.side = parse_side(*direction);
  const auto strategy = node.at("strategy");
  if (strategy.string() == "OnlyFirst") {
    result.strategy = Strategy::kOnlyFirst;
  } else if (strategy.string() == "OnlySecond") {
    result.strategy = Strategy::kOnlySecond;
  } else if (strategy.string() != "LongestFirst") {
    strategy.fail(ErrorCode::kInvalidData,
                  "should be \"LongestFirst\", \"OnlyFirst\" or \"OnlySecond\"");
  }
  return result;
}

void Truncation::apply(TokenList& tokens, std::size_t added) const {
  if (max_length < added) {
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("a length of {} has no room for the {} special tokens", max_length, added));
  }
  const std::size_t room = max_length - added;
  if (tokens.size() <= room) return;
  if (strategy == Strategy::kOnlySecond && room > 0) {
    throw Error(ErrorCode::kUnsupported,
                "\"truncation\" cuts only the second of two texts, but there is one; set its "
                "\"strategy\" to \"LongestFirst\"");
  }
  const auto surplus = static_cast<std::ptrdiff_t>(tokens.size() - room);
  if (side == Side::kRight) {
    tokens.erase(tokens.end() - surplus, tokens.end());
  } else {
    tokens.erase(tokens.begin(), tokens.begin() + surplus);
  }
}

Padding Padding::parse(const JsonNode& node) {
  Padding result;
  const auto strategy = node.at("strategy");
  if (strategy.is_object()) {
    result.length = strategy.at("Fixed").size(kMaximumTokens);
  } else if (strategy.string() != "BatchLongest") {
    strategy.fail(ErrorCode::kInvalidData, "should be \"BatchLongest\" or {\"Fixed\": length}");
  }
  result.side = parse_side(node.at("direction"));
  if (const auto multiple = node.find("pad_to_multiple_of")) {
    result.multiple = multiple->size(kMaximumTokens);
  }
  result.id = node.at("pad_id").id();
  result.token = node.at("pad_token").string();
  return result;
}

std::size_t Padding::missing(std::size_t count) const {
  std::size_t wanted = length > 0 ? length : count;
  if (multiple > 0 && wanted % multiple > 0) wanted += multiple - wanted % multiple;
  return std::max(wanted, count) - count;
}

}  // namespace clipclap::text
