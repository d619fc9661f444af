// Split, and the pre-tokenizers that are a Split at certain code points.
#include "text/pattern.h"
#include "text/pre_tokenizers/pre_tokenizer.h"
#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

class Split final : public PreTokenizer {
 public:
  explicit Split(const JsonNode& node)
      : pattern_(Pattern::parse(node.at("pattern"))),
        behavior_(parse_split_behavior(node.at("behavior"))),
        invert_(node.at("invert").boolean()) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    text.split([&](const NormalizedText& piece) {
      auto stretches = pattern_.find_all(piece.text());
      for (auto& stretch : stretches) stretch.is_match = stretch.is_match != invert_;
      return split(piece, stretches, behavior_);
    });
  }

 private:
  Pattern pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

/// Splits at each code point of a set.
class SetSplit final : public PreTokenizer {
 public:
  SetSplit(bool (*is_member)(char32_t), SplitBehavior behavior)
      : is_member_(is_member), behavior_(behavior) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    text.split([&](const NormalizedText& piece) {
      return split(piece, find_code_points(piece.text(), is_member_), behavior_);
    });
  }

 private:
  bool (*is_member_)(char32_t);
  SplitBehavior behavior_;
};

class BertPreTokenizer final : public PreTokenizer {
 public:
  void pre_tokenize(PreTokenizedText& text) const override {
    SetSplit(is_white_space, SplitBehavior::kRemoved).pre_tokenize(text);
    SetSplit(is_punctuation, SplitBehavior::kIsolated).pre_tokenize(text);
  }
};

class CharDelimiterSplit final : public PreTokenizer {
 public:
  explicit CharDelimiterSplit(char32_t delimiter) : delimiter_(delimiter) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    text.split([&](const NormalizedText& piece) {
      const auto delimiters =
          find_code_points(piece.text(), [&](char32_t c) { return c == delimiter_; });
      return split(piece, delimiters, SplitBehavior::kRemoved);
    });
  }

 private:
  char32_t delimiter_;
};

/// Words of `\w+|[^\w\s]+`.
class Whitespace final : public PreTokenizer {
 public:
  void pre_tokenize(PreTokenizedText& text) const override {
    text.split([](const NormalizedText& piece) {
      enum class Kind { kWord, kSpace, kOther };
      Stretches stretches;
      Kind last = Kind::kSpace;
      for_each_code_point(piece.text(), [&](char32_t c, std::size_t begin, std::size_t end) {
        const Kind kind = is_word(c)          ? Kind::kWord
                          : is_white_space(c) ? Kind::kSpace
                                              : Kind::kOther;
        if (!stretches.empty() && kind == last) {
          stretches.back().end = end;
        } else {
          stretches.push_back({begin, end, kind == Kind::kSpace});
        }
        last = kind;
      });
      return split(piece, stretches, SplitBehavior::kRemoved);
    });
  }
};

class FixedLength final : public PreTokenizer {
 public:
  explicit FixedLength(std::size_t length) : length_(length) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    text.split([&](const NormalizedText& piece) {
      std::size_t count = 0;
      Stretches stretches;
      for_each_code_point(piece.text(), [&](char32_t, std::size_t begin, std::size_t end) {
        if (count++ % length_ == 0) stretches.push_back({begin, end, false});
        stretches.back().end = end;
      });
      return split(piece, stretches, SplitBehavior::kIsolated);
    });
  }

 private:
  std::size_t length_;
};

}  // namespace

PreTokenizerPointer parse_split(const JsonNode& node) { return std::make_unique<Split>(node); }

PreTokenizerPointer parse_whitespace(const JsonNode&) { return std::make_unique<Whitespace>(); }

PreTokenizerPointer parse_whitespace_split(const JsonNode&) {
  return std::make_unique<SetSplit>(is_white_space, SplitBehavior::kRemoved);
}

PreTokenizerPointer parse_punctuation(const JsonNode& node) {
  const auto behavior = node.find("behavior");
  return std::make_unique<SetSplit>(
      is_punctuation, behavior ? parse_split_behavior(*behavior) : SplitBehavior::kIsolated);
}

PreTokenizerPointer parse_digits(const JsonNode& node) {
  const bool individual = node.at("individual_digits").boolean();
  return std::make_unique<SetSplit>(
      is_numeric, individual ? SplitBehavior::kIsolated : SplitBehavior::kContiguous);
}

PreTokenizerPointer parse_bert_pre_tokenizer(const JsonNode&) {
  return std::make_unique<BertPreTokenizer>();
}

PreTokenizerPointer parse_char_delimiter_split(const JsonNode& node) {
  return std::make_unique<CharDelimiterSplit>(parse_code_point(node.at("delimiter")));
}

PreTokenizerPointer parse_fixed_length(const JsonNode& node) {
  std::size_t length = 5;
  const auto length_node = node.find("length");
  if (length_node) length = length_node->size();
  if (length == 0) length_node->fail(ErrorCode::kInvalidData, "should be at least 1");
  return std::make_unique<FixedLength>(length);
}

}  // namespace clipclap::text
