// The third stage: turns a word into tokens of the vocabulary.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/json/json_node.h"
#include "text/json/tokenizer_document.h"
#include "text/pre_tokenized_text.h"

namespace clipclap::text {

/// Immutable; any number of threads may tokenize at once.
class Model {
 public:
  virtual ~Model() = default;
  /// Appends the tokens of one word that is not empty. Throws Error (kInvalidData) without a
  /// context where the model has no token for something and no unknown token either.
  virtual void tokenize(std::string_view word, std::vector<Token>& tokens) const = 0;

  virtual std::optional<std::uint32_t> token_to_id(std::string_view token) const = 0;
  virtual std::optional<std::string_view> id_to_token(std::uint32_t id) const = 0;
  /// Tokens that are different.
  virtual std::size_t size() const = 0;
  /// The id of the first token that is added to the vocabulary.
  virtual std::size_t next_id() const { return size(); }
  virtual std::string_view type() const = 0;
};

using ModelPointer = std::unique_ptr<const Model>;

/// Builds what "model" of a tokenizer.json describes; `node` is that object and the document's
/// tables are moved out. Files from before 2021 leave out the type: it is told by the keys then.
/// Throws Error: kInvalidData, kUnsupported, with the path of what is wrong.
ModelPointer parse_model(const JsonNode& node, TokenizerDocument& document);

/// Moves "vocab" out of the document. Throws Error (kInvalidData) where it has not this form.
VocabularyTable take_vocabulary(const JsonNode& node, TokenizerDocument& document,
                                VocabularyTable::Form form);

// The rows of the table, one file each.
ModelPointer parse_bpe(const JsonNode& node, TokenizerDocument& document);
ModelPointer parse_unigram(const JsonNode& node, TokenizerDocument& document);
ModelPointer parse_word_piece(const JsonNode& node, TokenizerDocument& document);
ModelPointer parse_word_level(const JsonNode& node, TokenizerDocument& document);

}  // namespace clipclap::text
