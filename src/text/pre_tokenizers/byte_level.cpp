// ByteLevel: GPT-2's words, spelled in its alphabet of bytes.
#include "text/byte_alphabet.h"
#include "text/pattern.h"
#include "text/pre_tokenizers/pre_tokenizer.h"

namespace clipclap::text {
namespace {

/// GPT-2, encoder.py. Compiled once: every file uses the same.
const Regex& words() {
  static const Regex kWords(
      R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)");
  return kWords;
}

class ByteLevel final : public PreTokenizer {
 public:
  explicit ByteLevel(const JsonNode& node)
      : add_prefix_space_(node.at("add_prefix_space").boolean()) {
    // Older files do not say it, and mean it.
    if (const auto use_regex = node.find("use_regex")) use_regex_ = use_regex->boolean();
  }

  void pre_tokenize(PreTokenizedText& text) const override {
    text.split([&](NormalizedText& piece) -> std::vector<NormalizedText> {
      if (add_prefix_space_ && !piece.text().starts_with(' ')) piece.prepend(" ");
      if (!use_regex_) return {std::move(piece)};
      return split(piece, words().find_all(piece.text()), SplitBehavior::kIsolated);
    });
    for (auto& piece : text.pieces) {
      if (!piece.token) spell_bytes(piece.text);
    }
  }

 private:
  bool add_prefix_space_;
  bool use_regex_ = true;
};

}  // namespace

PreTokenizerPointer parse_byte_level(const JsonNode& node) {
  return std::make_unique<ByteLevel>(node);
}

}  // namespace clipclap::text
