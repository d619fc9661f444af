#include "text/cleaning/html_entities.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

struct Entity {
  std::string_view name;
  char32_t first;
  char32_t second;  ///< 0 where there is only one
};

/// Of the HTML standard, section 13.5, "Named character references"; sorted by name.
constexpr Entity kEntities[] = {
#include "text/cleaning/html_entities.inc"
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The value of a hexadecimal digit; 16 for anything else.
std::uint32_t digit_value(char c) {
  if (is_digit(c)) return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
  return 16;
}

/// Numbers that stand for nothing: control characters and what is no character.
bool is_dropped(std::uint32_t number) {
  return (number >= 0x1 && number <= 0x8) || number == 0xB || (number >= 0xE && number <= 0x1F) ||
         number == 0x7F || (number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE;
}

void append_number(std::string& result, std::uint32_t number) {
  if (number == 0 || (number >= 0xD800 && number <= 0xDFFF) || number > 0x10FFFF) {
    append_utf8(result, 0xFFFD);
  } else if (!is_dropped(number)) {
    append_utf8(result, from_windows_1252(number));
  }
}

/// Reads "#38", "#x26" behind the "&" at the beginning of `text`, with its ";" where there is one.
/// Returns how many bytes of `text` it takes, or 0.
std::size_t read_number(std::string_view text, std::string& result) {
  if (!text.starts_with("&#")) return 0;
  const bool is_hexadecimal = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const std::uint32_t base = is_hexadecimal ? 16 : 10;
  const std::size_t begin = is_hexadecimal ? 3 : 2;
  std::size_t end = begin;
  std::uint32_t number = 0;
  constexpr std::uint32_t kTooLarge = 0x110000;
  for (; end < text.size() && digit_value(text[end]) < base; ++end) {
    number = std::min(number * base + digit_value(text[end]), kTooLarge);
  }
  if (end == begin) return 0;
  append_number(result, number);
  return end < text.size() && text[end] == ';' ? end + 1 : end;
}

/// The same for names. What is no name stays as it is.
std::size_t read_name(std::string_view text, std::string& result) {
  constexpr std::string_view kEnds("\t\n\f <&#;");
  constexpr int kLongest = 32;  // characters
  std::size_t end = 1;
  for (int i = 0; i < kLongest && end < text.size(); ++i) {
    if (kEnds.find(text[end]) != std::string_view::npos) break;
    end += utf8_length(text[end]);
  }
  if (end == 1) return 0;
  if (end < text.size() && text[end] == ';') ++end;
  const auto name = text.substr(1, end - 1);
  for (std::size_t length = name.size(); length > 1; --length) {
    if (const auto value = find_html_entity(name.substr(0, length))) {
      result += *value;
      result += name.substr(length);
      return end;
    }
  }
  result += text.substr(0, end);
  return end;
}

}  // namespace

std::optional<std::string> find_html_entity(std::string_view name) {
  const auto* found = std::lower_bound(
      std::begin(kEntities), std::end(kEntities), name,
      [](const Entity& entity, std::string_view wanted) { return entity.name < wanted; });
  if (found == std::end(kEntities) || found->name != name) return std::nullopt;
  std::string text;
  append_utf8(text, found->first);
  if (found->second != 0) append_utf8(text, found->second);
  return text;
}

std::string html_unescape(std::string_view text) {
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t ampersand = std::min(text.find('&', begin), text.size());
    result += text.substr(begin, ampersand - begin);
    if (ampersand == text.size()) break;
    const auto rest = text.substr(ampersand);
    std::size_t length = read_number(rest, result);
    if (length == 0) length = read_name(rest, result);
    if (length == 0) {
      result += '&';
      length = 1;
    }
    begin = ampersand + length;
  }
  return result;
}

char32_t from_windows_1252(char32_t control) {
  constexpr std::array<char32_t, 32> kCharacters{
      0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  return control >= 0x80 && control <= 0x9F ? kCharacters[control - 0x80] : control;
}

}  // namespace clipclap::text
