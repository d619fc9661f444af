// Replace and Prepend.
#include "text/normalizers/normalizer.h"
#include "text/pattern.h"

namespace clipclap::text {
namespace {

class Replace final : public Normalizer {
 public:
  explicit Replace(const JsonNode& node)
      : pattern_(Pattern::parse(node.at("pattern"))), content_(node.at("content").string()) {}
  void normalize(NormalizedText& text) const override {
    text.replace(pattern_.find_all(text.text()), content_);
  }

 private:
  Pattern pattern_;
  std::string content_;
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(const JsonNode& node) : prefix_(node.at("prepend").string()) {}
  void normalize(NormalizedText& text) const override { text.prepend(prefix_); }

 private:
  std::string prefix_;
};

}  // namespace

NormalizerPointer parse_replace(const JsonNode& node) { return std::make_unique<Replace>(node); }
NormalizerPointer parse_prepend(const JsonNode& node) { return std::make_unique<Prepend>(node); }

}  // namespace clipclap::text
