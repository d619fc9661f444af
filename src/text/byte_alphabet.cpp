#include "text/byte_alphabet.h"

#include <array>

#include "text/normalizers/normalizer.h"

namespace clipclap::text {
namespace {

class ByteLevel final : public Normalizer {
 public:
  void normalize(NormalizedText& text) const override { spell_bytes(text); }
};

}  // namespace

char32_t byte_character(unsigned char byte) {
  static constexpr auto kAlphabet = [] {
    std::array<char32_t, 256> alphabet{};
    char32_t next = 256;
    for (unsigned i = 0; i < 256; ++i) {
      const bool is_visible =
          (i >= '!' && i <= '~') || (i >= 0xA1 && i <= 0xAC) || (i >= 0xAE && i <= 0xFF);
      alphabet[i] = is_visible ? i : next++;
    }
    return alphabet;
  }();
  return kAlphabet[byte];
}

void spell_bytes(NormalizedText& text) {
  std::vector<Change> changes;
  changes.reserve(text.text().size());
  for (const char byte : text.text()) {
    const auto value = static_cast<unsigned char>(byte);
    const bool continues = (value & 0xC0) == 0x80;
    changes.push_back({byte_character(value), continues ? 1 : 0});
  }
  text.transform(changes);
}

NormalizerPointer parse_byte_normalizer(const JsonNode&) { return std::make_unique<ByteLevel>(); }

}  // namespace clipclap::text
