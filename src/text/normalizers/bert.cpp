// BertNormalizer: the clean-up of BERT's BasicTokenizer.
#include "text/normalizers/letters.h"
#include "text/normalizers/normalizer.h"
#include "text/unicode/normalization_forms.h"
#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

bool is_chinese(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

void clean(NormalizedText& text) {
  text.filter([](char32_t c) {
    const bool is_kept_control = c == '\t' || c == '\n' || c == '\r';
    return c != 0 && c != 0xFFFD && (is_kept_control || !is_other(c));
  });
  text.map([](char32_t c) { return is_white_space(c) ? U' ' : c; });
}

void put_spaces_around_chinese(NormalizedText& text) {
  std::vector<Change> changes;
  for_each_code_point(text.text(), [&](char32_t c, std::size_t, std::size_t) {
    if (is_chinese(c)) {
      changes.insert(changes.end(), {{U' ', 0}, {c, 1}, {U' ', 1}});
    } else {
      changes.push_back({c, 0});
    }
  });
  text.transform(changes);
}

class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const JsonNode& node)
      : clean_(node.at("clean_text").boolean()),
        chinese_(node.at("handle_chinese_chars").boolean()),
        lowercase_(node.at("lowercase").boolean()),
        strip_accents_(lowercase_) {
    if (const auto strip = node.find("strip_accents")) strip_accents_ = strip->boolean();
  }

  void normalize(NormalizedText& text) const override {
    if (clean_) clean(text);
    if (chinese_) put_spaces_around_chinese(text);
    if (strip_accents_) {
      text.transform(text::normalize(text.text(), NormalizationForm::kNfd));
      text.filter([](char32_t c) { return !is_nonspacing_mark(c); });
    }
    if (lowercase_) lowercase(text);
  }

 private:
  bool clean_;
  bool chinese_;
  bool lowercase_;
  bool strip_accents_;
};

}  // namespace

NormalizerPointer parse_bert_normalizer(const JsonNode& node) {
  return std::make_unique<BertNormalizer>(node);
}

}  // namespace clipclap::text
