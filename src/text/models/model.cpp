#include "text/models/model.h"

#include <algorithm>

#include <fmt/format.h>

namespace clipclap::text {
namespace {

struct ModelRow {
  std::string_view type;
  ModelPointer (*parse)(const JsonNode& node, TokenizerDocument& document);
};

constexpr ModelRow kRows[] = {
    {"BPE", parse_bpe},
    {"WordPiece", parse_word_piece},
    {"WordLevel", parse_word_level},
    {"Unigram", parse_unigram},
};

/// In the order in which the reference tries them.
std::string_view guess_type(const JsonNode& node, const TokenizerDocument& document) {
  using Form = VocabularyTable::Form;
  const bool has_ids = document.vocabulary.form == Form::kIds;
  if (has_ids && document.merges.form != MergeTable::Form::kAbsent) return "BPE";
  if (has_ids && node.find("max_input_chars_per_word")) return "WordPiece";
  if (has_ids && node.find("unk_token")) return "WordLevel";
  if (document.vocabulary.form == Form::kScores) return "Unigram";
  node.fail(ErrorCode::kInvalidData, "the key \"type\" is missing");
}

}  // namespace

VocabularyTable take_vocabulary(const JsonNode& node, TokenizerDocument& document,
                                VocabularyTable::Form form) {
  using Form = VocabularyTable::Form;
  if (document.vocabulary.form != form) {
    if (document.vocabulary.form == Form::kAbsent) node.at("vocab");
    node.fail_at("vocab", ErrorCode::kInvalidData,
                 form == Form::kIds ? "should be an object of tokens and their ids"
                                    : "should be a list of tokens and their scores");
  }
  return std::move(document.vocabulary);
}

ModelPointer parse_model(const JsonNode& node, TokenizerDocument& document) {
  const auto type_node = node.find("type");
  const std::string type(type_node ? type_node->string() : guess_type(node, document));
  for (const auto& row : kRows) {
    if (row.type == type) return row.parse(node, document);
  }
  node.fail(ErrorCode::kUnsupported,
            fmt::format("model type \"{}\" is not known; known are BPE, WordPiece, WordLevel, "
                        "Unigram",
                        type));
}

}  // namespace clipclap::text
