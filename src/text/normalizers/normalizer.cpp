#include "text/normalizers/normalizer.h"

#include <vector>

#include "text/registry.h"

namespace clipclap::text {
namespace {

constexpr Row<Normalizer> kRows[] = {
    {"Sequence", parse_normalizer_sequence},
    {"NFC", parse_unicode_form},
    {"NFD", parse_unicode_form},
    {"NFKC", parse_unicode_form},
    {"NFKD", parse_unicode_form},
    {"Lowercase", parse_lowercase},
    {"Strip", parse_strip},
    {"StripAccents", parse_strip_accents},
    {"Nmt", parse_nmt},
    {"Replace", parse_replace},
    {"Prepend", parse_prepend},
    {"Precompiled", parse_precompiled},
    {"ByteLevel", parse_byte_normalizer},
    {"BertNormalizer", parse_bert_normalizer},
    {"Bert", parse_bert_normalizer},
};

class Sequence final : public Normalizer {
 public:
  explicit Sequence(const JsonNode& node) {
    for (const auto& element : node.at("normalizers").elements()) {
      normalizers_.push_back(parse_normalizer(element));
    }
  }
  void normalize(NormalizedText& text) const override {
    for (const auto& normalizer : normalizers_) normalizer->normalize(text);
  }

 private:
  std::vector<NormalizerPointer> normalizers_;
};

}  // namespace

NormalizerPointer parse_normalizer(const JsonNode& node) {
  return parse_component<Normalizer>("normalizer", kRows, node);
}

NormalizerPointer parse_normalizer_sequence(const JsonNode& node) {
  return std::make_unique<Sequence>(node);
}

}  // namespace clipclap::text
