// Normalizers that go from code point to code point: Lowercase, Strip, StripAccents, Nmt.
#include "text/normalizers/letters.h"

#include "text/normalizers/normalizer.h"
#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

class LowercaseNormalizer final : public Normalizer {
 public:
  void normalize(NormalizedText& text) const override { lowercase(text); }
};

class Strip final : public Normalizer {
 public:
  explicit Strip(const JsonNode& node)
      : left_(node.at("strip_left").boolean()), right_(node.at("strip_right").boolean()) {}
  void normalize(NormalizedText& text) const override { text.strip(left_, right_); }

 private:
  bool left_;
  bool right_;
};

class StripAccents final : public Normalizer {
 public:
  void normalize(NormalizedText& text) const override {
    text.filter([](char32_t c) { return !is_combining_mark(c); });
  }
};

/// The rules that came with Google's neural translation models and live on in SentencePiece.
class Nmt final : public Normalizer {
 public:
  void normalize(NormalizedText& text) const override {
    text.filter([](char32_t c) {
      return !((c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F ||
               c == 0x8F || c == 0x9F);
    });
    text.map([](char32_t c) -> char32_t {
      const bool is_space = c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 ||
                            (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 ||
                            c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
      return is_space ? U' ' : c;
    });
  }
};

}  // namespace

void lowercase(NormalizedText& text) {
  std::vector<Change> changes;
  for_each_code_point(text.text(), [&](char32_t c, std::size_t, std::size_t) {
    const auto [first, second] = to_lowercase(c);
    changes.push_back({first, 0});
    if (second != 0) changes.push_back({second, 1});
  });
  text.transform(changes);
}

NormalizerPointer parse_lowercase(const JsonNode&) {
  return std::make_unique<LowercaseNormalizer>();
}
NormalizerPointer parse_strip(const JsonNode& node) { return std::make_unique<Strip>(node); }
NormalizerPointer parse_strip_accents(const JsonNode&) { return std::make_unique<StripAccents>(); }
NormalizerPointer parse_nmt(const JsonNode&) { return std::make_unique<Nmt>(); }

}  // namespace clipclap::text
