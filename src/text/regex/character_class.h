// Sets of characters in regular expressions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace clipclap::text {

/// A bracket expression, as parsed.
struct CharacterClass {
  struct Item {
    enum class Kind { kRange, kProperty, kClass };
    Kind kind = Kind::kRange;
    char32_t first = 0;  ///< of a range
    char32_t last = 0;
    std::string property;  ///< normalized, one that is_known_property() knows
    bool negated = false;  ///< of a property
    std::unique_ptr<CharacterClass> nested;
  };
  bool negated = false;
  /// What "&&" stands between; a single one where there is no "&&".
  std::vector<std::vector<Item>> operands;
};

/// The class as PCRE2 reads it. Properties stay properties where that is possible, for they are
/// fast; what PCRE2 has no notation for becomes a list of ranges.
std::string to_pcre2(const CharacterClass& character_class);

/// A name in lower case without spaces, "-" and "_", which do not matter in it.
std::string normalize_property_name(std::string_view name);

/// Whether there is such a property: a general category, a script, a binary property, a block
/// ("in…") or a POSIX class. `name` is normalized.
bool is_known_property(const std::string& name);

/// A class that holds one property.
CharacterClass make_property_class(std::string_view property, bool negated);

/// The characters of a set in ICU's notation, e.g. "[:Zs:]", as ranges inside PCRE2's brackets.
std::string to_pcre2_ranges(const std::string& icu_set);

/// Appends a code point so that PCRE2 takes it as itself, in a class and outside.
void append_literal(std::string& pattern, char32_t c);

}  // namespace clipclap::text
