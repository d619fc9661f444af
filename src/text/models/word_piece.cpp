// WordPiece (Schuster, Nakajima 2012) as BERT uses it: the longest token that fits, from left to
// right, and the whole word unknown where one does not fit.
#include <algorithm>

#include "text/models/model.h"
#include "text/models/vocabulary.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

class WordPiece final : public Model {
 public:
  WordPiece(const JsonNode& node, Vocabulary vocabulary)
      : unknown_token_(node.at("unk_token").string()),
        prefix_(node.at("continuing_subword_prefix").string()),
        most_code_points_(node.at("max_input_chars_per_word").size()),
        vocabulary_(std::move(vocabulary)) {}

  void tokenize(std::string_view word, std::vector<Token>& tokens) const override {
    const std::size_t known = tokens.size();
    if (count_code_points(word) <= most_code_points_) {
      std::size_t begin = 0;
      while (begin < word.size()) {
        const std::size_t end = add_longest(word, begin, tokens);
        if (end == begin) break;
        begin = end;
      }
      if (begin == word.size()) return;
    }
    tokens.resize(known);
    const auto unknown = vocabulary_.find(unknown_token_);
    if (!unknown) {
      throw Error(ErrorCode::kInvalidData,
                  "the unknown token \"" + unknown_token_ + "\" is not in the vocabulary");
    }
    tokens.push_back({*unknown, unknown_token_});
  }

  std::optional<std::uint32_t> token_to_id(std::string_view token) const override {
    return vocabulary_.find(token);
  }
  std::optional<std::string_view> id_to_token(std::uint32_t id) const override {
    return vocabulary_.token(id);
  }
  std::size_t size() const override { return vocabulary_.size(); }
  std::string_view type() const override { return "WordPiece"; }

 private:
  /// Adds the longest token at `begin` and returns where it ends; `begin` where there is none.
  std::size_t add_longest(std::string_view word, std::size_t begin,
                          std::vector<Token>& tokens) const {
    std::string candidate = begin > 0 ? prefix_ : "";
    const std::size_t prefix_length = candidate.size();
    if (prefix_length >= vocabulary_.longest()) return begin;
    candidate += word.substr(begin, vocabulary_.longest() - prefix_length);
    for (; candidate.size() > prefix_length; candidate.pop_back()) {
      const std::size_t end = begin + candidate.size() - prefix_length;
      const bool is_border =
          end == word.size() || (static_cast<unsigned char>(word[end]) & 0xC0) != 0x80;
      if (!is_border) continue;
      if (const auto id = vocabulary_.find(candidate)) {
        tokens.push_back({*id, std::move(candidate)});
        return end;
      }
    }
    return begin;
  }

  std::string unknown_token_;
  std::string prefix_;
  std::size_t most_code_points_;
  Vocabulary vocabulary_;
};

}  // namespace

ModelPointer parse_word_piece(const JsonNode& node, TokenizerDocument& document) {
  return std::make_unique<WordPiece>(
      node, Vocabulary(take_vocabulary(node, document, VocabularyTable::Form::kIds)));
}

}  // namespace clipclap::text
