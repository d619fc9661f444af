#include "text/unicode/properties.h"

#include <algorithm>
#include <array>

#include <unicode/uchar.h>

namespace clipclap::text {
namespace {

constexpr YoungCharacters kYoungCharacters[] = {
#include "text/unicode/young_characters.inc"
};

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool contains(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return c >= range.first && c <= range.last; });
}

UChar32 icu(char32_t c) { return static_cast<UChar32>(c); }

bool is_older_than(char32_t c, int major) {
  UVersionInfo age;
  u_charAge(icu(c), age);
  return age[0] != 0 && age[0] < major;
}

bool is_ascii_punctuation(char32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

}  // namespace

std::span<const YoungCharacters> young_characters() { return kYoungCharacters; }

const YoungCharacters* find_young(char32_t c) {
  const auto* row =
      std::lower_bound(std::begin(kYoungCharacters), std::end(kYoungCharacters), c,
                       [](const YoungCharacters& range, char32_t x) { return range.last < x; });
  return row != std::end(kYoungCharacters) && c >= row->first ? row : nullptr;
}

bool is_white_space(char32_t c) {
  constexpr Range kWhiteSpace[] = {
      {0x9, 0xD},       {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
      {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
  return contains(kWhiteSpace, c);
}

bool is_numeric(char32_t c) {
  constexpr Range kUnicode17[] = {{0x11DE0, 0x11DE9}, {0x16FF4, 0x16FF6}};
  if ((U_GET_GC_MASK(icu(c)) & U_GC_N_MASK) != 0 || contains(kUnicode17, c)) return true;
  const auto* young = find_young(c);
  return young != nullptr && young->category[0] == 'N';
}

bool is_letter(char32_t c) {
  if ((U_GET_GC_MASK(icu(c)) & U_GC_L_MASK) != 0) return true;
  if (const auto* young = find_young(c)) return young->category[0] == 'L';
  constexpr Range kUnicode18[] = {
      {0x558, 0x558},     {0x58B, 0x58C},     {0x88F, 0x88F},     {0xC5C, 0xC5C},
      {0xCDC, 0xCDC},     {0x208F, 0x208F},   {0x209D, 0x209F},   {0xA7CE, 0xA7CF},
      {0xA7D2, 0xA7D2},   {0xA7D4, 0xA7D4},   {0xA7DD, 0xA7DD},   {0xA7E2, 0xA7E2},
      {0xA7F1, 0xA7F1},   {0xAB6C, 0xAB6D},   {0x107BB, 0x107BF}, {0x10940, 0x10959},
      {0x10EC5, 0x10EC7}, {0x10ED9, 0x10EEE}, {0x11B0A, 0x11B0A}, {0x11DB0, 0x11DDB},
      {0x11DF1, 0x11DF1}, {0x16EA0, 0x16EB8}, {0x16EBB, 0x16ED3}, {0x16FF2, 0x16FF3},
      {0x187F8, 0x187FF}, {0x18CD6, 0x18CDA}, {0x18D09, 0x18D20}, {0x18D80, 0x18DF2},
      {0x18E00, 0x19191}, {0x191A0, 0x191D2}, {0x1B123, 0x1B128}, {0x1B168, 0x1B168},
      {0x1D6A6, 0x1D6A6}, {0x1DF1F, 0x1DF24}, {0x1DF2B, 0x1DF81}, {0x1DF90, 0x1DF96},
      {0x1DFCD, 0x1DFFF}, {0x1E6C0, 0x1E6DE}, {0x1E6E0, 0x1E6E2}, {0x1E6E4, 0x1E6E5},
      {0x1E6E7, 0x1E6ED}, {0x1E6F0, 0x1E6F4}, {0x1E6FE, 0x1E6FF}, {0x2B73A, 0x2B73F},
      {0x2B81E, 0x2B81E}, {0x2CEA2, 0x2CEAD}, {0x323B0, 0x33479}, {0x3D000, 0x3FC3F}};
  return contains(kUnicode18, c);
}

bool is_number(char32_t c) {
  constexpr Range kUnicode18[] = {{0x1246F, 0x1246F}, {0x12475, 0x1247F}, {0x12550, 0x12686}};
  return is_numeric(c) || contains(kUnicode18, c);
}

bool is_word(char32_t c) {
  constexpr std::uint32_t kMask = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
  if (u_hasBinaryProperty(icu(c), UCHAR_ALPHABETIC) || (U_GET_GC_MASK(icu(c)) & kMask) != 0 ||
      c == 0x200C || c == 0x200D) {
    return true;
  }
  const auto* young = find_young(c);
  if (young == nullptr) return false;
  const std::string_view category = young->category;
  return young->alphabetic || category[0] == 'M' || category == "Nd" || category == "Pc";
}

bool is_punctuation(char32_t c) {
  if (is_ascii_punctuation(c)) return true;
  // Punctuation then, something else since.
  if (c == 0x166D || c == 0x111C9) return true;
  return (U_GET_GC_MASK(icu(c)) & U_GC_P_MASK) != 0 && is_older_than(c, 9);
}

bool is_other(char32_t c) {
  constexpr std::uint32_t kMask = U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK;
  return (U_GET_GC_MASK(icu(c)) & kMask) != 0 && is_older_than(c, 9);
}

bool is_nonspacing_mark(char32_t c) {
  // What another category has been given since Unicode 8, in either direction.
  constexpr Range kNoLonger[] = {{0x1734, 0x1734}, {0x1171E, 0x1171E}};
  constexpr Range kNotYet[] = {
      {0x1885, 0x1886}, {0xA9BD, 0xA9BD}, {0x111C9, 0x111C9}, {0x111CF, 0x111CF}};
  if (contains(kNoLonger, c)) return true;
  return u_charType(icu(c)) == U_NON_SPACING_MARK && is_older_than(c, 9) && !contains(kNotYet, c);
}

bool is_combining_mark(char32_t c) {
  if (c == 0x1CF2 || c == 0x1CF3) return true;  // letters since Unicode 12
  if (c == 0x111C9) return false;               // punctuation until Unicode 11
  return (U_GET_GC_MASK(icu(c)) & U_GC_M_MASK) != 0 && is_older_than(c, 10);
}

Lowercase to_lowercase(char32_t c) {
  if (c == 0x130) return {'i', 0x307};
  struct Pair {
    char32_t first, last, lower;
  };
  // Capitals of Unicode 16 and 17.
  constexpr Pair kYoung[] = {{0x1C89, 0x1C89, 0x1C8A},    {0xA7CB, 0xA7CB, 0x264},
                             {0xA7CC, 0xA7CC, 0xA7CD},    {0xA7CE, 0xA7CE, 0xA7CF},
                             {0xA7D2, 0xA7D2, 0xA7D3},    {0xA7D4, 0xA7D4, 0xA7D5},
                             {0xA7DA, 0xA7DA, 0xA7DB},    {0xA7DC, 0xA7DC, 0x19B},
                             {0x10D50, 0x10D65, 0x10D70}, {0x16EA0, 0x16EB8, 0x16EBB}};
  for (const auto& pair : kYoung) {
    if (c >= pair.first && c <= pair.last) return {pair.lower + (c - pair.first), 0};
  }
  return {static_cast<char32_t>(u_tolower(icu(c))), 0};
}

}  // namespace clipclap::text
