// Precompiled: SentencePiece's table of replacements, looked up as the spm_precompiled crate does,
// which is not how SentencePiece itself does it: a grapheme of less than six bytes takes the
// replacement of the shortest prefix that has one, and what is left of it is lost; anything else
// goes code point by code point.
#include <algorithm>
#include <cstring>
#include <optional>

#include "text/normalizers/normalizer.h"
#include "text/unicode/graphemes.h"

namespace clipclap::text {
namespace {

std::optional<std::string> decode_base64(std::string_view text) {
  const auto value = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    for (std::size_t k = i; k < i + 4; ++k) {
      const bool is_padding = k >= text.size() - padding;
      const int digit = is_padding ? 0 : value(text[k]);
      if (digit < 0) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    for (const int shift : {16, 8, 0}) bytes.push_back(static_cast<char>(group >> shift & 0xFF));
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

/// The double array of darts-clone, as SentencePiece writes it.
class DoubleArray {
 public:
  explicit DoubleArray(std::vector<std::uint32_t> units) : units_(std::move(units)) {}

  /// The value of the shortest key that `text` begins with. A NUL ends the search.
  std::optional<std::uint32_t> find_shortest_prefix(std::string_view text) const {
    std::size_t node = 0;
    std::uint32_t unit = at(node);
    node ^= offset(unit);
    for (const char byte : text) {
      const auto label = static_cast<unsigned char>(byte);
      if (label == 0) return std::nullopt;
      node ^= label;
      unit = at(node);
      if ((unit & 0x800000FF) != label) return std::nullopt;
      node ^= offset(unit);
      if ((unit >> 8 & 1) != 0) return at(node) & 0x7FFFFFFF;
    }
    return std::nullopt;
  }

 private:
  static std::size_t offset(std::uint32_t unit) {
    return static_cast<std::size_t>(unit >> 10) << ((unit & 0x200) >> 6);
  }
  std::uint32_t at(std::size_t node) const {
    if (node < units_.size()) return units_[node];
    throw Error(ErrorCode::kInvalidData,
                "the table \"precompiled_charsmap\" of a normalizer is broken; fetch the file "
                "again");
  }

  std::vector<std::uint32_t> units_;
};

class Precompiled final : public Normalizer {
 public:
  Precompiled(DoubleArray trie, std::string replacements)
      : trie_(std::move(trie)), replacements_(std::move(replacements)) {}

  void normalize(NormalizedText& text) const override {
    const std::string_view view = text.text();
    std::vector<Change> changes;
    bool modified = false;
    for (std::size_t begin = 0; begin < view.size();) {
      const std::size_t end = find_grapheme_end(view, begin);
      const auto grapheme = view.substr(begin, end - begin);
      begin = end;
      constexpr std::size_t kLookedUpWhole = 6;
      if (grapheme.size() < kLookedUpWhole && apply(grapheme, changes)) {
        modified = true;
        continue;
      }
      for_each_code_point(grapheme, [&](char32_t c, std::size_t from, std::size_t to) {
        if (apply(grapheme.substr(from, to - from), changes)) {
          modified = true;
        } else {
          changes.push_back({c, 0});
        }
      });
    }
    if (modified) text.transform(changes);
  }

 private:
  /// Adds the replacement of `part`. False where it has none.
  bool apply(std::string_view part, std::vector<Change>& changes) const {
    const auto place = trie_.find_shortest_prefix(part);
    if (!place) return false;
    const std::string_view replacement =
        std::string_view(replacements_).substr(std::min<std::size_t>(*place, replacements_.size()));
    const auto old_count = static_cast<std::int32_t>(count_code_points(part));
    std::int32_t new_count = 0;
    for_each_code_point(replacement.substr(0, replacement.find('\0')),
                        [&](char32_t c, std::size_t, std::size_t) {
                          changes.push_back({c, new_count++ < old_count ? 0 : 1});
                        });
    if (new_count < old_count && !changes.empty()) changes.back().change -= old_count - new_count;
    return true;
  }

  DoubleArray trie_;
  std::string replacements_;
};

}  // namespace

NormalizerPointer parse_precompiled(const JsonNode& node) {
  const auto table_node = node.at("precompiled_charsmap");
  const auto bytes = decode_base64(table_node.string());
  std::uint32_t trie_bytes = 0;
  if (!bytes || bytes->size() < sizeof trie_bytes) {
    table_node.fail(ErrorCode::kInvalidData, "is not a table in base64; fetch the file again");
  }
  std::memcpy(&trie_bytes, bytes->data(), sizeof trie_bytes);
  const std::size_t unit_count = trie_bytes / 4;
  const std::size_t replacements_begin = sizeof trie_bytes + unit_count * 4;
  if (unit_count == 0 || replacements_begin > bytes->size()) {
    table_node.fail(ErrorCode::kInvalidData, "is cut short; fetch the file again");
  }
  std::vector<std::uint32_t> units(unit_count);
  std::memcpy(units.data(), bytes->data() + sizeof trie_bytes, unit_count * 4);
  std::string replacements = bytes->substr(replacements_begin);
  if (find_invalid_utf8(replacements)) {
    table_node.fail(ErrorCode::kInvalidData, "holds replacements that are not UTF-8");
  }
  return std::make_unique<Precompiled>(DoubleArray(std::move(units)), std::move(replacements));
}

}  // namespace clipclap::text
