#include "text/pattern.h"

#include <algorithm>
#include <utility>

namespace clipclap::text {
namespace {

Stretches find_literal(std::string_view text, std::string_view literal) {
  Stretches stretches;
  std::size_t covered = 0;
  while (true) {
    const std::size_t begin = text.find(literal, covered);
    if (begin == std::string_view::npos) break;
    if (covered < begin) stretches.push_back({covered, begin, false});
    covered = begin + literal.size();
    stretches.push_back({begin, covered, true});
  }
  if (covered < text.size()) stretches.push_back({covered, text.size(), false});
  return stretches;
}

/// Joins a match with the stretch before it, unless that is a match too. Neighbours are joined in
/// the order given, so that the reversed order joins with the next one.
Stretches merge_with_previous(const Stretches& stretches) {
  Stretches result;
  bool previous_match = false;
  for (const auto& stretch : stretches) {
    if (stretch.is_match && !previous_match && !result.empty()) {
      result.back().begin = std::min(result.back().begin, stretch.begin);
      result.back().end = std::max(result.back().end, stretch.end);
    } else {
      result.push_back(stretch);
    }
    previous_match = stretch.is_match;
  }
  return result;
}

Stretches merge_contiguous(const Stretches& stretches) {
  Stretches result;
  for (const auto& stretch : stretches) {
    if (!result.empty() && result.back().is_match == stretch.is_match) {
      result.back().end = stretch.end;
    } else {
      result.push_back(stretch);
    }
  }
  return result;
}

Stretches apply(SplitBehavior behavior, const Stretches& stretches) {
  switch (behavior) {
    case SplitBehavior::kMergedWithPrevious:
      return merge_with_previous(stretches);
    case SplitBehavior::kMergedWithNext: {
      auto result = merge_with_previous({stretches.rbegin(), stretches.rend()});
      std::reverse(result.begin(), result.end());
      return result;
    }
    case SplitBehavior::kContiguous:
      return merge_contiguous(stretches);
    case SplitBehavior::kRemoved:
    case SplitBehavior::kIsolated:
      break;
  }
  return stretches;
}

}  // namespace

Pattern Pattern::parse(const JsonNode& node) {
  if (const auto literal = node.find("String")) return Pattern(literal->string());
  if (const auto regex = node.find("Regex")) {
    try {
      return Pattern(Regex(regex->string()));
    } catch (const Error& error) {
      regex->fail(error.code(), error.message());
    }
  }
  node.fail(ErrorCode::kInvalidData, "should hold \"String\" or \"Regex\"");
}

Stretches Pattern::find_all(std::string_view text) const {
  if (const auto* regex = std::get_if<Regex>(&what_)) return regex->find_all(text);
  const auto& literal = std::get<std::string>(what_);
  // Nothing is found between any two characters; the expression knows how.
  if (literal.empty()) return Regex("").find_all(text);
  return find_literal(text, literal);
}

SplitBehavior parse_split_behavior(const JsonNode& node) {
  constexpr std::pair<std::string_view, SplitBehavior> kNames[] = {
      {"Removed", SplitBehavior::kRemoved},
      {"Isolated", SplitBehavior::kIsolated},
      {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
      {"MergedWithNext", SplitBehavior::kMergedWithNext},
      {"Contiguous", SplitBehavior::kContiguous}};
  for (const auto& [name, behavior] : kNames) {
    if (node.string() == name) return behavior;
  }
  node.fail(ErrorCode::kInvalidData, "there is no split behavior \"" + node.string() + "\"");
}

std::vector<NormalizedText> split(const NormalizedText& text, const Stretches& stretches,
                                  SplitBehavior behavior) {
  std::vector<NormalizedText> parts;
  for (const auto& [begin, end, is_match] : apply(behavior, stretches)) {
    const bool removed = is_match && behavior == SplitBehavior::kRemoved;
    if (!removed && begin < end) parts.push_back(text.slice(begin, end));
  }
  return parts;
}

}  // namespace clipclap::text
