#include "base/utf8.h"

#include <cstdint>

namespace clipclap {
namespace {

struct Lead {
  int length;
  char32_t bits;
  char32_t smallest;
};

std::optional<Lead> read_lead(std::uint8_t byte) {
  if (byte < 0x80) return Lead{1, byte, 0};
  if ((byte & 0xE0) == 0xC0) return Lead{2, byte & 0x1FU, 0x80};
  if ((byte & 0xF0) == 0xE0) return Lead{3, byte & 0x0FU, 0x800};
  if ((byte & 0xF8) == 0xF0) return Lead{4, byte & 0x07U, 0x10000};
  return std::nullopt;
}

}  // namespace

std::optional<char32_t> decode_utf8(std::string_view text, std::size_t& offset) {
  if (offset >= text.size()) return std::nullopt;
  const auto lead = read_lead(static_cast<std::uint8_t>(text[offset]));
  if (!lead || text.size() - offset < static_cast<std::size_t>(lead->length)) return std::nullopt;
  char32_t code_point = lead->bits;
  for (int i = 1; i < lead->length; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[offset + static_cast<std::size_t>(i)]);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    code_point = (code_point << 6) | (byte & 0x3FU);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < lead->smallest || surrogate || code_point > 0x10FFFF) return std::nullopt;
  offset += static_cast<std::size_t>(lead->length);
  return code_point;
}

void append_utf8(std::string& text, char32_t code_point) {
  const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  std::size_t offset = 0;
  while (offset < text.size()) {
    if (!decode_utf8(text, offset)) return offset;
  }
  return std::nullopt;
}

std::string replace_invalid_utf8(std::string_view text) {
  constexpr char32_t kReplacement = 0xFFFD;
  std::string valid;
  while (const auto invalid = find_invalid_utf8(text)) {
    valid += text.substr(0, *invalid);
    append_utf8(valid, kReplacement);
    text.remove_prefix(*invalid + 1);
  }
  return valid.append(text);
}

}  // namespace clipclap
