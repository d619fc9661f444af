// Precompiled: SentencePiece's table of replacements, looked up as the spm_precompiled crate does,
// which is not how SentencePiece itself does it: a grapheme of less than six bytes takes the
// replacement of the shortest prefix that has one, and what is left of it is lost; anything else
// goes code point by code point.
#include <optional>

#include "text/charsmap.h"
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

class Precompiled final : public Normalizer {
 public:
  explicit Precompiled(Charsmap charsmap) : charsmap_(std::move(charsmap)) {}

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
    const auto match = charsmap_.find_shortest(part);
    if (!match) return false;
    const auto old_count = static_cast<std::int32_t>(count_code_points(part));
    std::int32_t new_count = 0;
    for_each_code_point(match->replacement, [&](char32_t c, std::size_t, std::size_t) {
      changes.push_back({c, new_count++ < old_count ? 0 : 1});
    });
    if (new_count < old_count && !changes.empty()) changes.back().change -= old_count - new_count;
    return true;
  }

  Charsmap charsmap_;
};

}  // namespace

NormalizerPointer parse_precompiled(const JsonNode& node) {
  const auto table_node = node.at("precompiled_charsmap");
  const auto bytes = decode_base64(table_node.string());
  if (!bytes) {
    table_node.fail(ErrorCode::kInvalidData, "is not a table in base64; fetch the file again");
  }
  return std::make_unique<Precompiled>(Charsmap(*bytes));
}

}  // namespace clipclap::text
