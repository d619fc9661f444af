// Metaspace: SentencePiece's visible spaces.
#include "text/pattern.h"
#include "text/pre_tokenizers/pre_tokenizer.h"

namespace clipclap::text {
namespace {

enum class PrependScheme { kAlways, kFirst, kNever };

PrependScheme parse_scheme(const JsonNode& node) {
  const auto scheme = node.find("prepend_scheme");
  PrependScheme result = PrependScheme::kAlways;
  if (scheme) {
    const std::string& name = scheme->string();
    if (name == "first") {
      result = PrependScheme::kFirst;
    } else if (name == "never") {
      result = PrependScheme::kNever;
    } else if (name != "always") {
      scheme->fail(ErrorCode::kInvalidData, "is neither \"always\", \"first\" nor \"never\"");
    }
  }
  // What older files say instead. The reference refuses a contradiction, and so do we.
  const auto add_prefix_space = node.find("add_prefix_space");
  if (add_prefix_space && !add_prefix_space->boolean() && result != PrependScheme::kNever) {
    add_prefix_space->fail(ErrorCode::kInvalidData,
                           "is false, which does not go with \"prepend_scheme\"; set that to "
                           "\"never\"");
  }
  return result;
}

class Metaspace final : public PreTokenizer {
 public:
  explicit Metaspace(const JsonNode& node)
      : replacement_(parse_code_point(node.at("replacement"))), scheme_(parse_scheme(node)) {
    append_utf8(replacement_text_, replacement_);
    if (const auto split = node.find("split")) split_ = split->boolean();
  }

  void pre_tokenize(PreTokenizedText& text) const override {
    text.split([&](NormalizedText& piece) -> std::vector<NormalizedText> {
      const auto spaces = find_code_points(piece.text(), [](char32_t c) { return c == U' '; });
      piece.replace(spaces, replacement_text_);
      const bool prepends = scheme_ == PrependScheme::kAlways ||
                            (scheme_ == PrependScheme::kFirst && piece.original_begin() == 0);
      if (prepends && !piece.text().starts_with(replacement_text_)) {
        piece.prepend(replacement_text_);
      }
      if (!split_) return {std::move(piece)};
      return split(piece,
                   find_code_points(piece.text(), [&](char32_t c) { return c == replacement_; }),
                   SplitBehavior::kMergedWithNext);
    });
  }

 private:
  char32_t replacement_;
  std::string replacement_text_;
  PrependScheme scheme_;
  bool split_ = true;
};

}  // namespace

PreTokenizerPointer parse_metaspace(const JsonNode& node) {
  return std::make_unique<Metaspace>(node);
}

}  // namespace clipclap::text
