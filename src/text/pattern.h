// What "Split" and "Replace" look for, and the ways to cut a text at it.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "text/json/json_node.h"
#include "text/normalized_text.h"
#include "text/regex/regex.h"

namespace clipclap::text {

/// {"String": "…"} or {"Regex": "…"}.
class Pattern {
 public:
  /// Throws Error (kInvalidData, kUnsupported) as Regex does.
  static Pattern parse(const JsonNode& node);
  Stretches find_all(std::string_view text) const;

 private:
  explicit Pattern(std::variant<std::string, Regex> what) : what_(std::move(what)) {}
  std::variant<std::string, Regex> what_;
};

/// Takes every code point for which `is_match(code_point)` holds as a match of its own.
template <typename IsMatch>
Stretches find_code_points(std::string_view text, IsMatch is_match) {
  Stretches stretches;
  std::size_t covered = 0;
  for_each_code_point(text, [&](char32_t c, std::size_t begin, std::size_t end) {
    if (!is_match(c)) return;
    if (covered < begin) stretches.push_back({covered, begin, false});
    stretches.push_back({begin, end, true});
    covered = end;
  });
  if (covered < text.size()) stretches.push_back({covered, text.size(), false});
  return stretches;
}

/// What becomes of the matches at which a text is cut. "the-final--countdown" at "-":
enum class SplitBehavior {
  kRemoved,             ///< the final countdown
  kIsolated,            ///< the - final - - countdown
  kMergedWithPrevious,  ///< the- final- - countdown
  kMergedWithNext,      ///< the -final - -countdown
  kContiguous,          ///< the - final -- countdown
};
SplitBehavior parse_split_behavior(const JsonNode& node);

std::vector<NormalizedText> split(const NormalizedText& text, const Stretches& stretches,
                                  SplitBehavior behavior);

}  // namespace clipclap::text
