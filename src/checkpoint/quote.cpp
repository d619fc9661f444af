#include "checkpoint/quote.h"

#include <cstddef>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include "base/utf8.h"

namespace clipclap::checkpoint {
namespace {

constexpr std::size_t kLongestBytes = 160;

// C0, DEL and C1: what a terminal obeys instead of showing.
bool is_control(char32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

}  // namespace

std::string quote(std::string_view text) {
  std::string result = "\"";
  std::size_t offset = 0;
  while (offset < text.size()) {
    if (offset >= kLongestBytes) {
      result += "…";
      break;
    }
    const auto start = offset;
    const auto code_point = decode_utf8(text, offset);
    if (!code_point) ++offset;
    if (code_point && !is_control(*code_point)) {
      result += text.substr(start, offset - start);
      continue;
    }
    for (const char byte : text.substr(start, offset - start)) {
      fmt::format_to(std::back_inserter(result), "\\x{:02x}", static_cast<std::uint8_t>(byte));
    }
  }
  return result + "\"";
}

}  // namespace clipclap::checkpoint
