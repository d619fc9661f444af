// Walking over text that is known to be well-formed UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace clipclap::text {

/// Bytes of the code point whose first byte is `lead`.
constexpr std::size_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// Bytes that a code point takes.
constexpr std::size_t utf8_length(char32_t c) {
  return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/// Reads the code point at `offset` and moves behind it. `text` is well-formed and `offset` is
/// inside it, at a code point's start.
inline char32_t next_code_point(std::string_view text, std::size_t& offset) {
  if (static_cast<unsigned char>(text[offset]) < 0x80) {
    return static_cast<unsigned char>(text[offset++]);
  }
  const auto c = decode_utf8(text, offset);
  if (c) return *c;
  ++offset;
  return 0xFFFD;
}

/// Calls `visit(code_point, first_byte, behind_last_byte)` for each code point.
template <typename Visit>
void for_each_code_point(std::string_view text, Visit visit) {
  for (std::size_t offset = 0; offset < text.size();) {
    const std::size_t begin = offset;
    const char32_t c = next_code_point(text, offset);
    visit(c, begin, offset);
  }
}

/// As much of the beginning as fits into `bytes`, for messages.
inline std::string_view shorten(std::string_view text, std::size_t bytes = 200) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

inline std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

}  // namespace clipclap::text
