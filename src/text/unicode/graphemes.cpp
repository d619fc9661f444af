#include "text/unicode/graphemes.h"

#include <unicode/uchar.h>

#include "text/unicode/code_points.h"
#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

UGraphemeClusterBreak break_class(char32_t c) {
  // What ICU may not know yet: marks, which join as all do, and some letters of Unicode 16.
  const auto* young = find_young(c);
  if (young != nullptr && young->category[0] == 'M') return U_GCB_EXTEND;
  if (c == 0x113D1) return U_GCB_PREPEND;
  if (c == 0x16D63 || (c >= 0x16D67 && c <= 0x16D6A)) return U_GCB_V;
  return static_cast<UGraphemeClusterBreak>(
      u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_GRAPHEME_CLUSTER_BREAK));
}

bool is_pictographic(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_EXTENDED_PICTOGRAPHIC) != 0;
}

bool is_control(UGraphemeClusterBreak c) {
  return c == U_GCB_CONTROL || c == U_GCB_CR || c == U_GCB_LF;
}

bool is_hangul_pair(UGraphemeClusterBreak left, UGraphemeClusterBreak right) {
  switch (left) {
    case U_GCB_L:
      return right == U_GCB_L || right == U_GCB_V || right == U_GCB_LV || right == U_GCB_LVT;
    case U_GCB_LV:
    case U_GCB_V:
      return right == U_GCB_V || right == U_GCB_T;
    case U_GCB_LVT:
    case U_GCB_T:
      return right == U_GCB_T;
    default:
      return false;
  }
}

/// What of the cluster so far decides about the next code point.
struct State {
  UGraphemeClusterBreak last;
  bool is_emoji;         ///< a pictograph and Extend* …
  bool is_joined_emoji;  ///< … and a joiner behind them
  int regional_indicators;

  /// The rules GB3 to GB13, from the top.
  bool joins(char32_t c, UGraphemeClusterBreak next) const {
    if (last == U_GCB_CR && next == U_GCB_LF) return true;
    if (is_control(last) || is_control(next)) return false;
    if (is_hangul_pair(last, next)) return true;
    if (next == U_GCB_EXTEND || next == U_GCB_ZWJ || next == U_GCB_SPACING_MARK) return true;
    if (last == U_GCB_PREPEND) return true;
    if (is_joined_emoji && is_pictographic(c)) return true;
    return next == U_GCB_REGIONAL_INDICATOR && regional_indicators % 2 == 1;
  }

  void add(char32_t c, UGraphemeClusterBreak next) {
    const bool pictographic = is_pictographic(c);
    is_joined_emoji = is_emoji && next == U_GCB_ZWJ;
    is_emoji = pictographic || (is_emoji && next == U_GCB_EXTEND);
    regional_indicators = next == U_GCB_REGIONAL_INDICATOR ? regional_indicators + 1 : 0;
    last = next;
  }
};

}  // namespace

std::size_t find_grapheme_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  const char32_t first = next_code_point(text, end);
  State state{U_GCB_OTHER, false, false, 0};
  state.add(first, break_class(first));
  while (end < text.size()) {
    std::size_t behind = end;
    const char32_t c = next_code_point(text, behind);
    const auto next = break_class(c);
    if (!state.joins(c, next)) break;
    state.add(c, next);
    end = behind;
  }
  return end;
}

}  // namespace clipclap::text
