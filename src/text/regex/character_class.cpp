#include "text/regex/character_class.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/uscript.h>

#include <clipclap/error.h>

#include "text/unicode/code_points.h"
#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

/// What a property consists of, in PCRE2's words and in ICU's.
struct Property {
  std::string native;  ///< items of a PCRE2 class; empty where there are none
  std::string icu;     ///< a pattern of icu::UnicodeSet
  /// Which of the characters that the libraries may be too old for belong to it.
  bool (*has_young)(const YoungCharacters&, const Property&) = nullptr;
  /// Whether young characters for which that does not hold are certain not to belong to it.
  bool young_are_known = false;
  std::uint32_t categories = 0;
  std::string script;
};

using enum CharacterClass::Item::Kind;

/// POSIX brackets and the classes behind one-letter escapes.
struct NamedProperty {
  std::string_view name;
  std::string_view native;
  std::string_view icu;
  std::uint32_t categories;
  bool alphabetic;  ///< whether young characters with Alphabetic belong to it too
};
constexpr std::string_view kSpaces =
    R"(\x{9}-\x{D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
constexpr NamedProperty kNamedProperties[] = {
    {"alpha", R"(\p{Alphabetic})", "[:Alphabetic:]", 0, true},
    {"alphabetic", R"(\p{Alphabetic})", "[:Alphabetic:]", 0, true},
    {"digit", R"(\p{Nd})", "[:Nd:]", U_GC_ND_MASK, false},
    {"alnum", R"(\p{Alphabetic}\p{Nd})", "[[:Alphabetic:][:Nd:]]", U_GC_ND_MASK, true},
    {"word", R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})", "[[:Alphabetic:][:M:][:Nd:][:Pc:]]",
     U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK, true},
    {"space", kSpaces, "[:White_Space:]", 0, false},
    {"whitespace", kSpaces, "[:White_Space:]", 0, false},
    {"blank", R"(\x{9}\p{Zs})", R"([\u0009[:Zs:]])", 0, false},
    {"cntrl", R"(\p{Cc})", "[:Cc:]", 0, false},
    {"xdigit", "0-9A-Fa-f", "[0-9A-Fa-f]", 0, false},
    {"ascii", R"(\x{0}-\x{7F})", R"([\u0000-\u007F])", 0, false},
    {"punct", R"(\p{P})", "[:P:]", U_GC_P_MASK, false},
    {"posixpunct", R"(\p{P}\p{S})", "[[:P:][:S:]]", U_GC_P_MASK | U_GC_S_MASK, false},
    {"upper", "", "[:Uppercase:]", U_GC_LU_MASK, false},
    {"lower", "", "[:Lowercase:]", U_GC_LL_MASK, false},
    {"graph", "", "[^[:Z:][:Cc:][:Cn:][:Cs:]]", ~(U_GC_Z_MASK | U_GC_CC_MASK), true},
    {"print", "", "[^[:Zl:][:Zp:][:Cc:][:Cn:][:Cs:]]", ~std::uint32_t{0}, true},
    {"any", R"(\x{0}-\x{10FFFF})", R"([\u0000-\U0010FFFF])", 0, false},
    {"assigned", "", "[^[:Cn:]]", ~std::uint32_t{0}, true},
    {"unknown", "", "[:Zzzz:]", 0, false},
};

std::uint32_t category_mask(const YoungCharacters& characters) {
  const auto mask = u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, characters.category);
  return mask == UCHAR_INVALID_CODE ? 0 : static_cast<std::uint32_t>(mask);
}

std::optional<Property> find_named(const std::string& name) {
  const auto* row = std::find_if(std::begin(kNamedProperties), std::end(kNamedProperties),
                                 [&](const NamedProperty& p) { return p.name == name; });
  if (row == std::end(kNamedProperties)) return std::nullopt;
  Property property;
  property.native = row->native;
  property.icu = row->icu;
  property.categories = row->categories;
  property.young_are_known = name == "unknown";
  property.has_young =
      row->alphabetic
          ? [](const YoungCharacters& c,
               const Property& p) { return c.alphabetic || (category_mask(c) & p.categories) != 0; }
          : [](const YoungCharacters& c, const Property& p) {
              return (category_mask(c) & p.categories) != 0;
            };
  return property;
}

std::optional<Property> find_category(const std::string& name) {
  const auto mask = u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, name.c_str());
  if (mask == UCHAR_INVALID_CODE) return std::nullopt;
  const auto categories = static_cast<std::uint32_t>(mask);
  const char* short_name =
      u_getPropertyValueName(UCHAR_GENERAL_CATEGORY_MASK, mask, U_SHORT_PROPERTY_NAME);
  if (short_name == nullptr) return std::nullopt;
  Property property;
  property.categories = categories;
  property.young_are_known = true;
  property.icu = fmt::format("[:{}:]", short_name);
  // PCRE2 may take young characters for unassigned ones, and one mark for the other kind.
  const bool takes_unassigned = (categories & (U_GC_CN_MASK | U_GC_CS_MASK)) != 0;
  const bool is_one_of_marks = categories == U_GC_MN_MASK || categories == U_GC_MC_MASK;
  const std::string_view native_name = categories == U_GC_LC_MASK ? "L&" : short_name;
  if (!takes_unassigned && !is_one_of_marks) {
    property.native = fmt::format(R"(\p{{{}}})", native_name);
  }
  property.has_young = [](const YoungCharacters& c, const Property& p) {
    return (category_mask(c) & p.categories) != 0;
  };
  return property;
}

std::optional<Property> find_script(const std::string& name) {
  const auto value = u_getPropertyValueEnum(UCHAR_SCRIPT, name.c_str());
  if (value == UCHAR_INVALID_CODE) return std::nullopt;
  Property property;
  property.script = u_getPropertyValueName(UCHAR_SCRIPT, value, U_SHORT_PROPERTY_NAME);
  property.icu = fmt::format("[:Script={}:]", property.script);
  property.native = fmt::format(R"(\p{{sc:{}}})", property.script);
  property.has_young = [](const YoungCharacters& c, const Property& p) {
    return p.script == c.script;
  };
  return property;
}

std::optional<Property> find_binary_or_block(const std::string& name) {
  Property property;
  property.has_young = [](const YoungCharacters&, const Property&) { return false; };
  if (name.starts_with("in")) {
    const auto block = u_getPropertyValueEnum(UCHAR_BLOCK, name.c_str() + 2);
    if (block != UCHAR_INVALID_CODE) {
      property.icu = fmt::format("[:Block={}:]",
                                 u_getPropertyValueName(UCHAR_BLOCK, block, U_LONG_PROPERTY_NAME));
      return property;
    }
  }
  const auto binary = u_getPropertyEnum(name.c_str());
  if (binary < UCHAR_BINARY_START || binary >= UCHAR_BINARY_LIMIT) return std::nullopt;
  property.icu = fmt::format("[:{}:]", u_getPropertyName(binary, U_LONG_PROPERTY_NAME));
  return property;
}

std::optional<Property> find_property(const std::string& name) {
  for (const auto find : {find_named, find_category, find_script, find_binary_or_block}) {
    if (auto property = find(name)) return property;
  }
  return std::nullopt;
}

Property get_property(const std::string& name) {
  auto property = find_property(name);
  if (!property) throw Error(ErrorCode::kInternal, "there is no character property " + name);
  return *std::move(property);
}

void append_range(std::string& pattern, char32_t first, char32_t last) {
  append_literal(pattern, first);
  if (last == first) return;
  pattern.push_back('-');
  append_literal(pattern, last);
}

/// The items in PCRE2's own words; nothing where it has none.
std::optional<std::string> to_native_items(const std::vector<CharacterClass::Item>& items) {
  std::string result;
  for (const auto& item : items) {
    if (item.kind == kRange) {
      append_range(result, item.first, item.last);
      continue;
    }
    if (item.kind == kClass) {
      const auto& nested = *item.nested;
      if (nested.negated || nested.operands.size() != 1) return std::nullopt;
      const auto inner = to_native_items(nested.operands.front());
      if (!inner) return std::nullopt;
      result += *inner;
      continue;
    }
    const Property property = get_property(item.property);
    if (item.negated || property.native.empty()) return std::nullopt;
    result += property.native;
    for (const auto& young : young_characters()) {
      if (property.has_young(young, property)) append_range(result, young.first, young.last);
    }
  }
  return result;
}

icu::UnicodeSet parse_set(const std::string& notation) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeSet set(icu::UnicodeString::fromUTF8(notation), status);
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kInternal,
                fmt::format("ICU does not take {}: {}", notation, u_errorName(status)));
  }
  return set;
}

icu::UnicodeSet to_set(const CharacterClass& character_class);

icu::UnicodeSet to_set(const CharacterClass::Item& item) {
  if (item.kind == kRange) {
    return {static_cast<UChar32>(item.first), static_cast<UChar32>(item.last)};
  }
  if (item.kind == kClass) return to_set(*item.nested);
  const Property property = get_property(item.property);
  icu::UnicodeSet set = parse_set(property.icu);
  for (const auto& young : young_characters()) {
    const auto first = static_cast<UChar32>(young.first);
    const auto last = static_cast<UChar32>(young.last);
    if (property.has_young(young, property)) {
      set.add(first, last);
    } else if (property.young_are_known) {
      set.remove(first, last);
    }
  }
  if (item.negated) set.complement();
  return set;
}

icu::UnicodeSet to_set(const CharacterClass& character_class) {
  icu::UnicodeSet result(0, 0x10FFFF);
  for (const auto& items : character_class.operands) {
    icu::UnicodeSet operand;
    for (const auto& item : items) operand.addAll(to_set(item));
    result.retainAll(operand);
  }
  if (character_class.negated) result.complement();
  return result;
}

std::string to_ranges(icu::UnicodeSet set) {
  set.remove(0xD800, 0xDFFF);  // no text holds a surrogate, and PCRE2 does not take one
  std::string result;
  for (std::int32_t i = 0; i < set.getRangeCount(); ++i) {
    append_range(result, static_cast<char32_t>(set.getRangeStart(i)),
                 static_cast<char32_t>(set.getRangeEnd(i)));
  }
  return result;
}

}  // namespace

void append_literal(std::string& pattern, char32_t c) {
  const bool is_letter_or_digit =
      (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  if (is_letter_or_digit || c >= 0xA1) {
    append_utf8(pattern, c);
  } else if (c >= '!' && c <= '~') {
    pattern.push_back('\\');
    append_utf8(pattern, c);
  } else {
    pattern += fmt::format(R"(\x{{{:X}}})", static_cast<std::uint32_t>(c));
  }
}

std::string to_pcre2_ranges(const std::string& icu_set) { return to_ranges(parse_set(icu_set)); }

std::string normalize_property_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == ' ' || c == '_' || c == '-') continue;
    result.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return result;
}

bool is_known_property(const std::string& name) { return find_property(name).has_value(); }

CharacterClass make_property_class(std::string_view property, bool negated) {
  CharacterClass result;
  CharacterClass::Item item;
  item.kind = kProperty;
  item.property = property;
  result.negated = negated;
  result.operands.emplace_back().push_back(std::move(item));
  return result;
}

std::string to_pcre2(const CharacterClass& character_class) {
  std::string items;
  std::optional<std::string> native;
  if (character_class.operands.size() == 1) native = to_native_items(character_class.operands[0]);
  if (native) {
    items = *std::move(native);
  } else {
    icu::UnicodeSet set = to_set(character_class);
    if (character_class.negated) set.complement();
    items = to_ranges(set);
  }
  // An empty class: nothing, or anything, matches.
  if (items.empty()) return character_class.negated ? R"([\x{0}-\x{10FFFF}])" : "(?!)";
  return fmt::format("[{}{}]", character_class.negated ? "^" : "", items);
}

}  // namespace clipclap::text
