// WordLevel: every word is a token or unknown.
#include "text/models/model.h"
#include "text/models/vocabulary.h"

namespace clipclap::text {
namespace {

class WordLevel final : public Model {
 public:
  WordLevel(std::string unknown_token, Vocabulary vocabulary)
      : unknown_token_(std::move(unknown_token)), vocabulary_(std::move(vocabulary)) {}

  void tokenize(std::string_view word, std::vector<Token>& tokens) const override {
    if (const auto id = vocabulary_.find(word)) {
      tokens.push_back({*id, std::string(word)});
    } else if (const auto unknown = vocabulary_.find(unknown_token_)) {
      tokens.push_back({*unknown, unknown_token_});
    } else {
      throw Error(ErrorCode::kInvalidData,
                  "the unknown token \"" + unknown_token_ + "\" is not in the vocabulary");
    }
  }

  std::optional<std::uint32_t> token_to_id(std::string_view token) const override {
    return vocabulary_.find(token);
  }
  std::optional<std::string_view> id_to_token(std::uint32_t id) const override {
    return vocabulary_.token(id);
  }
  std::size_t size() const override { return vocabulary_.size(); }
  std::string_view type() const override { return "WordLevel"; }

 private:
  std::string unknown_token_;
  Vocabulary vocabulary_;
};

}  // namespace

ModelPointer parse_word_level(const JsonNode& node, TokenizerDocument& document) {
  return std::make_unique<WordLevel>(
      node.at("unk_token").string(),
      Vocabulary(take_vocabulary(node, document, VocabularyTable::Form::kIds)));
}

}  // namespace clipclap::text
