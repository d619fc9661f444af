#include "text/cleaning/ftfy.h"

#include <algorithm>
#include <optional>

#include <unicode/unorm2.h>

#include "text/cleaning/html_entities.h"
#include "text/cleaning/python_text.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

struct Ligature {
  char32_t character;
  std::u32string_view letters;
};

constexpr Ligature kLigatures[] = {
    {U'Ĳ', U"IJ"},           {U'ĳ', U"ij"},      {U'ŉ', U"\u02BCn"},  {U'Ǆ', U"D\u017D"},
    {U'ǅ', U"D\u017E"},      {U'ǆ', U"d\u017E"}, {U'Ǉ', U"LJ"},       {U'ǈ', U"Lj"},
    {U'ǉ', U"lj"},           {U'Ǌ', U"NJ"},      {U'ǋ', U"Nj"},       {U'ǌ', U"nj"},
    {U'Ǳ', U"DZ"},           {U'ǲ', U"Dz"},      {U'ǳ', U"dz"},       {U'\uFB00', U"ff"},
    {U'\uFB01', U"fi"},      {U'\uFB02', U"fl"}, {U'\uFB03', U"ffi"}, {U'\uFB04', U"ffl"},
    {U'\uFB05', U"\u017Ft"}, {U'\uFB06', U"st"},
};

std::u32string split_ligature(char32_t c) {
  for (const auto& ligature : kLigatures) {
    if (ligature.character == c) return std::u32string(ligature.letters);
  }
  return {c};
}

/// Full-width and half-width forms become what they are forms of.
std::u32string fix_width(char32_t c) {
  if (c == 0x3000) return U" ";
  if (c < 0xFF01 || c > 0xFFEF) return {c};
  UErrorCode status = U_ZERO_ERROR;
  UChar form[4];
  const auto length = unorm2_getDecomposition(unorm2_getNFKDInstance(&status),
                                              static_cast<UChar32>(c), form, 4, &status);
  if (U_FAILURE(status) || length < 0) return {c};
  return {form, form + length};
}

char32_t uncurl(char32_t c) {
  if (c == 0x2BC || (c >= 0x2018 && c <= 0x201B)) return U'\'';
  if (c >= 0x201C && c <= 0x201F) return U'"';
  return c;
}

std::string fix_characters(std::string_view text) {
  std::string result;
  for_each_code_point(text, [&](char32_t c, std::size_t, std::size_t) {
    for (const char32_t letter : split_ligature(from_windows_1252(c))) {
      for (const char32_t form : fix_width(letter)) append_utf8(result, uncurl(form));
    }
  });
  return result;
}

std::string fix_line_breaks(std::string_view text) {
  std::string result;
  char32_t before = 0;
  for_each_code_point(text, [&](char32_t c, std::size_t, std::size_t) {
    const bool ends_break = c == U'\n' && before == U'\r';
    const bool is_break = c == U'\r' || c == 0x2028 || c == 0x2029 || c == 0x85;
    if (!ends_break) append_utf8(result, is_break ? U'\n' : c);
    before = c;
  });
  return result;
}

/// Bytes of the escape sequence that `text` begins with, such as ESC "[1;31m"; 0 for none.
std::size_t match_terminal_escape(std::string_view text) {
  if (!text.starts_with("\x1B[")) return 0;
  for (std::size_t offset = 2; offset < text.size();) {
    const char32_t c = next_code_point(text, offset);
    if ((c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z')) return offset;
    if (c != U';' && !is_python_digit(c)) return 0;
  }
  return 0;
}

bool is_control(char32_t c) {
  return c <= 0x8 || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F ||
         (c >= 0x206A && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC);
}

std::string remove_controls(std::string_view text) {
  std::string plain;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t escape = match_terminal_escape(text.substr(begin));
    if (escape == 0) plain += text[begin];
    begin += std::max<std::size_t>(escape, 1);
  }
  std::string result;
  for_each_code_point(plain, [&](char32_t c, std::size_t, std::size_t) {
    if (!is_control(c)) append_utf8(result, c);
  });
  return result;
}

/// A name as ftfy knows it: one that ends in ";", or the same in capitals where HTML has no such
/// name, nor one that it begins with.
std::optional<std::string> find_entity(std::string_view name) {
  if (auto value = find_html_entity(name)) return value;
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  if (std::any_of(name.begin(), name.end(), is_small)) return std::nullopt;
  const auto value = find_html_entity(python_lower(name));
  const std::string reference = '&' + std::string(name);
  if (!value || html_unescape(reference) != reference) return std::nullopt;
  return python_upper(*value);
}

/// What the reference "&…;" stands for; itself where it stands for nothing.
std::string resolve(std::string_view reference) {
  if (const auto value = find_entity(reference.substr(1))) return *value;
  if (reference.starts_with("&#")) {
    auto value = html_unescape(reference);
    // Only a part of it was a reference.
    if (value.find(';') == std::string::npos) return value;
  }
  return std::string(reference);
}

std::string unescape(std::string_view text) {
  constexpr std::size_t kLongest = 24;
  const auto is_letter = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin + 1;
    if (text[begin] == '&') {
      if (end < text.size() && text[end] == '#') ++end;
      const std::size_t name = end;
      while (end < text.size() && is_letter(text[end])) ++end;
      const bool is_named = end > name && end - name <= kLongest;
      if (is_named && end < text.size() && text[end] == ';') {
        result += resolve(text.substr(begin, end + 1 - begin));
        begin = end + 1;
        continue;
      }
    }
    result += text[begin++];
  }
  return result;
}

std::string fix_segment(std::string_view segment, bool unescapes) {
  std::string text(segment);
  for (;;) {
    std::string fixed = unescapes ? unescape(text) : text;
    fixed = python_nfc(remove_controls(fix_line_breaks(fix_characters(fixed))));
    if (fixed == text) return text;
    text = std::move(fixed);
  }
}

}  // namespace

std::string fix_text(std::string_view text) {
  constexpr std::size_t kLongestSegment = 1'000'000;  // characters
  std::string result;
  // A "<" tells of HTML, whose references are meant, from its line on.
  bool unescapes = true;
  std::size_t begin = 0;
  std::size_t count = 0;
  for_each_code_point(text, [&](char32_t c, std::size_t, std::size_t end) {
    ++count;
    if (c != U'\n' && end != text.size() && count < kLongestSegment) return;
    const auto segment = text.substr(begin, end - begin);
    unescapes = unescapes && segment.find('<') == std::string_view::npos;
    result += fix_segment(segment, unescapes);
    begin = end;
    count = 0;
  });
  return result;
}

}  // namespace clipclap::text
