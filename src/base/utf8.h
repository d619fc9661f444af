// UTF-8 and code points, for the folders that need no more of Unicode than that.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace clipclap {

/// Decodes the code point that starts at `text[offset]` and moves `offset` behind it. Nothing, and
/// `offset` unmoved, where the bytes are not well-formed UTF-8 (overlong forms, surrogates, beyond
/// U+10FFFF and cut sequences included) or the end is reached.
std::optional<char32_t> decode_utf8(std::string_view text, std::size_t& offset);

/// Appends a code point.
void append_utf8(std::string& text, char32_t code_point);

/// The offset of the first byte that is not well-formed UTF-8; nothing where all are.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// The text with U+FFFD in the place of every byte that is not well-formed UTF-8.
std::string replace_invalid_utf8(std::string_view text);

}  // namespace clipclap
