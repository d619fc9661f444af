#include "text/pre_tokenizers/pre_tokenizer.h"

#include "text/registry.h"

namespace clipclap::text {
namespace {

constexpr Row<PreTokenizer> kRows[] = {
    {"Sequence", parse_pre_tokenizer_sequence},
    {"ByteLevel", parse_byte_level},
    {"Metaspace", parse_metaspace},
    {"Split", parse_split},
    {"Whitespace", parse_whitespace},
    {"WhitespaceSplit", parse_whitespace_split},
    {"Punctuation", parse_punctuation},
    {"Digits", parse_digits},
    {"BertPreTokenizer", parse_bert_pre_tokenizer},
    {"CharDelimiterSplit", parse_char_delimiter_split},
    {"FixedLength", parse_fixed_length},
};

class Sequence final : public PreTokenizer {
 public:
  explicit Sequence(const JsonNode& node) {
    for (const auto& element : node.at("pretokenizers").elements()) {
      pre_tokenizers_.push_back(parse_pre_tokenizer(element));
    }
  }
  void pre_tokenize(PreTokenizedText& text) const override {
    for (const auto& pre_tokenizer : pre_tokenizers_) pre_tokenizer->pre_tokenize(text);
  }

 private:
  std::vector<PreTokenizerPointer> pre_tokenizers_;
};

}  // namespace

PreTokenizerPointer parse_pre_tokenizer(const JsonNode& node) {
  return parse_component<PreTokenizer>("pre-tokenizer", kRows, node);
}

PreTokenizerPointer parse_pre_tokenizer_sequence(const JsonNode& node) {
  return std::make_unique<Sequence>(node);
}

char32_t parse_code_point(const JsonNode& node) {
  const std::string& text = node.string();
  std::size_t offset = 0;
  const auto c = decode_utf8(text, offset);
  if (!c || offset != text.size()) {
    node.fail(ErrorCode::kInvalidData, "should be a string of one character");
  }
  return *c;
}

}  // namespace clipclap::text
