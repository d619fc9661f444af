#include "text/regex/grapheme_expression.h"

#include <fmt/format.h>

#include "text/regex/character_class.h"
#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

std::string members(std::string_view break_class) {
  return to_pcre2_ranges(fmt::format("[:Grapheme_Cluster_Break={}:]", break_class));
}

/// Marks that ICU may not know yet.
std::string young_marks() {
  std::string result;
  for (const auto& row : young_characters()) {
    if (row.category[0] == 'M') {
      result += fmt::format("\\x{{{:X}}}-\\x{{{:X}}}", static_cast<std::uint32_t>(row.first),
                            static_cast<std::uint32_t>(row.last));
    }
  }
  return result;
}

}  // namespace

std::string grapheme_expression() {
  using fmt::arg;
  const std::string extend = members("Extend") + young_marks();
  return fmt::format(
      "(?>\\r\\n|[{control}]|[{prepend}]*(?:"
      "[{l}]*(?:[{v}]+|[{lv}][{v}]*|[{lvt}])[{t}]*|[{l}]+|[{t}]+"
      "|[{regional}]{{2}}|[{pictograph}](?:[{extend}]*+\\x{{200D}}[{pictograph}])*+|[^{control}])"
      "[{extend}\\x{{200D}}{spacing}]*)",
      arg("control", members("Control") + "\\r\\n"),
      arg("prepend", members("Prepend") + "\\x{113D1}"), arg("l", members("L")),
      arg("v", members("V") + "\\x{16D63}\\x{16D67}-\\x{16D6A}"), arg("t", members("T")),
      arg("lv", members("LV")), arg("lvt", members("LVT")),
      arg("regional", members("Regional_Indicator")),
      arg("pictograph", to_pcre2_ranges("[:Extended_Pictographic:]")), arg("extend", extend),
      arg("spacing", members("SpacingMark")));
}

}  // namespace clipclap::text
