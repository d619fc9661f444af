// Properties of code points as the reference sees them. Its parts carry Unicode data of different
// years, so each function names the one that it follows; ICU's own data (Unicode 15 in Debian 12)
// is completed where the reference is younger and cut by age where it is older.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace clipclap::text {

/// White_Space, in every Unicode since 6.3.
bool is_white_space(char32_t c);

/// General category N, Unicode 17 (Rust's char::is_numeric).
bool is_numeric(char32_t c);

/// General categories L and N, Unicode 18 (Python's module regex, 2026).
bool is_letter(char32_t c);
bool is_number(char32_t c);

/// \w of Rust's regex crate, Unicode 16: Alphabetic, M, Nd, Pc, Join_Control.
bool is_word(char32_t c);

/// ASCII punctuation, or general category P of Unicode 8 (the unicode_categories crate).
bool is_punctuation(char32_t c);

/// General category C without the unassigned, Unicode 8 (the unicode_categories crate).
bool is_other(char32_t c);

/// General category Mn, Unicode 8 (the unicode_categories crate).
bool is_nonspacing_mark(char32_t c);

/// General category M, Unicode 9 (the unicode-normalization-alignments crate).
bool is_combining_mark(char32_t c);

/// The full lower-case mapping of one code point, Unicode 17 (Rust's char::to_lowercase): one code
/// point, but two for U+0130. `second` is 0 where there is only one.
struct Lowercase {
  char32_t first;
  char32_t second;
};
Lowercase to_lowercase(char32_t c);

/// Characters that came after Unicode 14, up to 16, and marks whose properties have changed
/// since: those that the libraries at hand may not know. Taken from the Unicode Character Database
/// 16, DerivedGeneralCategory.txt, Scripts.txt and DerivedCoreProperties.txt.
struct YoungCharacters {
  char32_t first;
  char32_t last;
  char category[3];  ///< "Lo"
  char script[5];    ///< "Hani"
  bool alphabetic;   ///< Alphabetic
};
std::span<const YoungCharacters> young_characters();
/// The row that holds `c`, or null.
const YoungCharacters* find_young(char32_t c);

}  // namespace clipclap::text
