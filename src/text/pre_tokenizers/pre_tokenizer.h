// The second stage: cuts the text into the words that the model tokenizes one by one.
#pragma once

#include <memory>

#include "text/json/json_node.h"
#include "text/pre_tokenized_text.h"

namespace clipclap::text {

/// Immutable; any number of threads may use it at once.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void pre_tokenize(PreTokenizedText& text) const = 0;
};

using PreTokenizerPointer = std::unique_ptr<const PreTokenizer>;

/// Builds what "pre_tokenizer" of a tokenizer.json describes. Throws Error: kInvalidData,
/// kUnsupported, with the path of what is wrong.
PreTokenizerPointer parse_pre_tokenizer(const JsonNode& node);

// The rows of the table, one file a family.
PreTokenizerPointer parse_byte_level(const JsonNode& node);        // ByteLevel
PreTokenizerPointer parse_metaspace(const JsonNode& node);         // Metaspace
PreTokenizerPointer parse_split(const JsonNode& node);             // Split
PreTokenizerPointer parse_whitespace(const JsonNode& node);        // Whitespace
PreTokenizerPointer parse_whitespace_split(const JsonNode& node);  // WhitespaceSplit
PreTokenizerPointer parse_punctuation(const JsonNode& node);       // Punctuation
PreTokenizerPointer parse_digits(const JsonNode& node);            // Digits
PreTokenizerPointer parse_bert_pre_tokenizer(const JsonNode& node);
PreTokenizerPointer parse_char_delimiter_split(const JsonNode& node);
PreTokenizerPointer parse_fixed_length(const JsonNode& node);  // FixedLength
PreTokenizerPointer parse_pre_tokenizer_sequence(const JsonNode& node);

/// A string of exactly one code point, as "replacement" and "delimiter" are.
char32_t parse_code_point(const JsonNode& node);

}  // namespace clipclap::text
