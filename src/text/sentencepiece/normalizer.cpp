#include "text/sentencepiece/normalizer.h"

#include <optional>
#include <string>
#include <vector>

#include "text/charsmap.h"
#include "text/sentencepiece/symbols.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

class SentencePieceNormalizer final : public Normalizer {
 public:
  explicit SentencePieceNormalizer(const SentencePieceModel& model)
      : rules_(model.normalization),
        space_(rules_.escapes_spaces ? "\u2581" : " "),
        user_defined_(model) {
    if (!rules_.charsmap.empty()) charsmap_.emplace(rules_.charsmap);
    rules_.charsmap.clear();
  }

  void normalize(NormalizedText& text) const override {
    std::string_view rest = text.text();
    if (rules_.removes_extra_spaces) {
      while (!rest.empty()) {
        const auto [length, replacement] = take(rest);
        if (replacement != " ") break;
        rest.remove_prefix(length);
      }
    }
    // The prefix does not come to a text that has nothing in it.
    if (rest.empty()) return text.assign("");
    std::string result;
    if (rules_.adds_dummy_prefix && !rules_.spaces_behind_words) result += space_;
    bool behind_space = rules_.removes_extra_spaces;
    while (!rest.empty()) {
      auto [length, replacement] = take(rest);
      rest.remove_prefix(length);
      while (behind_space && replacement.starts_with(' ')) replacement.remove_prefix(1);
      for (const char c : replacement) {
        if (c == ' ') {
          result += space_;
        } else {
          result += c;
        }
      }
      text.check_growth(result.size());
      if (!replacement.empty()) {
        behind_space = rules_.removes_extra_spaces && replacement.ends_with(' ');
      }
    }
    if (rules_.removes_extra_spaces) {
      while (result.ends_with(space_)) result.resize(result.size() - space_.size());
    }
    if (rules_.adds_dummy_prefix && rules_.spaces_behind_words) result += space_;
    text.assign(std::move(result));
  }

 private:
  /// The next stretch of the text and what it becomes.
  Charsmap::Match take(std::string_view text) const {
    if (const auto length = user_defined_.match(text)) return {length, text.substr(0, length)};
    if (charsmap_) {
      if (const auto match = charsmap_->find_longest(text)) return *match;
    }
    const std::size_t length = utf8_length(text[0]);
    return {length, text.substr(0, length)};
  }

  SentencePieceModel::Normalization rules_;
  std::string space_;
  UserDefinedSymbols user_defined_;
  std::optional<Charsmap> charsmap_;
};

}  // namespace

NormalizerPointer make_sentencepiece_normalizer(const SentencePieceModel& model) {
  return std::make_unique<SentencePieceNormalizer>(model);
}

}  // namespace clipclap::text
