// NFC, NFD, NFKC and NFKD.
#include "text/normalizers/normalizer.h"
#include "text/unicode/normalization_forms.h"

namespace clipclap::text {
namespace {

class UnicodeForm final : public Normalizer {
 public:
  explicit UnicodeForm(NormalizationForm form) : form_(form) {}
  void normalize(NormalizedText& text) const override {
    text.transform(text::normalize(text.text(), form_));
  }

 private:
  NormalizationForm form_;
};

}  // namespace

NormalizerPointer parse_unicode_form(const JsonNode& node) {
  const std::string& type = node.at("type").string();
  return std::make_unique<UnicodeForm>(type == "NFC"    ? NormalizationForm::kNfc
                                       : type == "NFD"  ? NormalizationForm::kNfd
                                       : type == "NFKC" ? NormalizationForm::kNfkc
                                                        : NormalizationForm::kNfkd);
}

}  // namespace clipclap::text
