#include "text/charsmap.h"

#include <bit>
#include <cstring>

#include <clipclap/error.h>

#include "base/utf8.h"

namespace clipclap::text {
namespace {

static_assert(std::endian::native == std::endian::little, "the table is little-endian");

[[noreturn]] void fail(std::string_view what) {
  throw Error(ErrorCode::kInvalidData, "the table \"precompiled_charsmap\" of a normalizer " +
                                           std::string(what) + "; fetch the file again");
}

/// What a node's children are counted from.
std::size_t offset_of(std::uint32_t unit) {
  return static_cast<std::size_t>(unit >> 10) << ((unit & 0x200) >> 6);
}

bool continues_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

Charsmap::Charsmap(std::string_view bytes) {
  std::uint32_t trie_bytes = 0;
  if (bytes.size() < sizeof trie_bytes) fail("is cut short");
  std::memcpy(&trie_bytes, bytes.data(), sizeof trie_bytes);
  bytes.remove_prefix(sizeof trie_bytes);
  const std::size_t unit_count = trie_bytes / sizeof(std::uint32_t);
  const std::size_t units_end = unit_count * sizeof(std::uint32_t);
  if (unit_count == 0 || units_end > bytes.size()) fail("is cut short");
  units_.resize(unit_count);
  std::memcpy(units_.data(), bytes.data(), units_end);
  replacements_ = bytes.substr(units_end);
  if (find_invalid_utf8(replacements_)) fail("holds replacements that are not UTF-8");
}

std::optional<Charsmap::Match> Charsmap::find_shortest(std::string_view text) const {
  std::optional<Match> match;
  walk(text.substr(0, text.find('\0')), [&](std::size_t length, std::uint32_t value) {
    match = Match{length, replacement(value)};
    return false;
  });
  return match;
}

std::optional<Charsmap::Match> Charsmap::find_longest(std::string_view text) const {
  std::size_t length = 0;
  std::uint32_t value = 0;
  walk(text, [&](std::size_t new_length, std::uint32_t new_value) {
    length = new_length;
    value = new_value;
    return true;
  });
  if (length == 0) return std::nullopt;
  if (length < text.size() && continues_code_point(text[length])) fail("is broken");
  return Match{length, replacement(value)};
}

/// Calls `visit(length, value)` for each beginning of `text` that has a value, shortest first, as
/// long as it returns true.
template <typename Visit>
void Charsmap::walk(std::string_view text, Visit visit) const {
  std::size_t node = offset_of(unit(0));
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto label = static_cast<unsigned char>(text[i]);
    node ^= label;
    const std::uint32_t child = unit(node);
    constexpr std::uint32_t kLabel = 0x800000FF;
    constexpr std::uint32_t kHasValue = 0x100;
    if ((child & kLabel) != label) return;
    node ^= offset_of(child);
    if ((child & kHasValue) != 0 && !visit(i + 1, unit(node) & 0x7FFFFFFF)) return;
  }
}

std::uint32_t Charsmap::unit(std::size_t node) const {
  if (node >= units_.size()) fail("is broken");
  return units_[node];
}

std::string_view Charsmap::replacement(std::size_t offset) const {
  if (offset >= replacements_.size()) fail("is broken");
  const auto text = std::string_view(replacements_).substr(offset);
  if (continues_code_point(text[0])) fail("is broken");
  return text.substr(0, text.find('\0'));
}

}  // namespace clipclap::text
