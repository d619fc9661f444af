// Letters of ASCII. The C library's functions for them obey the locale.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace clipclap {

/// What regular expressions call \w.
constexpr bool is_ascii_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

constexpr char to_ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string to_ascii_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return to_ascii_lower(c); });
  return lower;
}

}  // namespace clipclap
