#include "text/sentencepiece/models.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "text/models/joining.h"
#include "text/models/unigram.h"
#include "text/models/vocabulary.h"
#include "text/sentencepiece/symbols.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

using PieceType = SentencePieceModel::PieceType;

bool is_found_in_text(PieceType type) {
  return type == PieceType::kNormal || type == PieceType::kUserDefined;
}

VocabularyTable table_of(const SentencePieceModel& model) {
  VocabularyTable table;
  table.form = VocabularyTable::Form::kScores;
  table.tokens = model.pieces;
  table.scores.assign(model.scores.begin(), model.scores.end());
  return table;
}

/// unigram_model.cc; user-defined symbols are worth more than any piece can be.
UnigramTable make_unigram_table(const SentencePieceModel& model) {
  float least = std::numeric_limits<float>::max();
  for (const auto id : model.ids_of(PieceType::kNormal)) {
    least = std::min(least, model.scores[id]);
  }
  UnigramTable table;
  table.vocabulary = table_of(model);
  for (const auto id : model.ids_of(PieceType::kUserDefined)) {
    const auto bytes = static_cast<double>(model.pieces[id].size());
    table.vocabulary.scores[id] = static_cast<float>(0.1 * (bytes - 1));
  }
  for (const auto type : model.types) table.found.push_back(is_found_in_text(type));
  table.unknown_id = model.unknown_id;
  table.unknown_score = least - static_cast<float>(kUnknownPenalty);
  table.byte_fallback = model.byte_fallback;
  table.as_sentencepiece = true;
  return table;
}

/// Any two neighbours may be joined whose texts make a piece; the best score comes first.
class PieceRules {
 public:
  using Symbol = std::string_view;  ///< a stretch of the word
  using Rank = float;

  explicit PieceRules(const SentencePieceModel& model)
      : vocabulary_(table_of(model)), scores_(model.scores), types_(model.types) {}

  std::optional<std::pair<Rank, Symbol>> find(Symbol left, Symbol right) const {
    const Symbol joined(left.data(), left.size() + right.size());
    const auto id = find_piece(joined);
    if (!id) return std::nullopt;
    return std::pair{-scores_[*id], joined};
  }

  /// A piece that text may become.
  std::optional<std::uint32_t> find_piece(std::string_view text) const {
    const auto id = vocabulary_.find(text);
    return id && is_found_in_text(types_[*id]) ? id : std::nullopt;
  }

  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  Vocabulary vocabulary_;
  std::vector<float> scores_;
  std::vector<PieceType> types_;
};

class SentencePieceBpe final : public Model {
 public:
  explicit SentencePieceBpe(const SentencePieceModel& model)
      : rules_(model), user_defined_(model), unknown_id_(model.unknown_id) {
    if (!model.byte_fallback) return;
    for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
      byte_ids_[byte] = vocabulary().find(fmt::format("<0x{:02X}>", byte));
    }
  }

  void tokenize(std::string_view word, std::vector<Token>& tokens) const override {
    const std::size_t first = tokens.size();
    for (std::size_t begin = 0, end = 0; begin < word.size(); begin = end) {
      end = begin;
      std::size_t symbol = user_defined_.match(word.substr(begin));
      if (symbol > 0) {
        end += symbol;
        add(word.substr(begin, symbol), first, tokens);
        continue;
      }
      Joining<PieceRules> joining(rules_);
      for (; end < word.size() && user_defined_.match(word.substr(end)) == 0; end += symbol) {
        symbol = utf8_length(word[end]);
        joining.add(word.substr(end, symbol));
      }
      joining.join_all();
      joining.for_each([&](std::string_view piece) { add(piece, first, tokens); });
    }
  }

  std::optional<std::uint32_t> token_to_id(std::string_view token) const override {
    return vocabulary().find(token);
  }
  std::optional<std::string_view> id_to_token(std::uint32_t id) const override {
    return vocabulary().token(id);
  }
  std::size_t size() const override { return vocabulary().size(); }
  std::string_view type() const override { return "BPE"; }

 private:
  const Vocabulary& vocabulary() const { return rules_.vocabulary(); }

  /// `first` is where the word's own tokens begin.
  void add(std::string_view piece, std::size_t first, std::vector<Token>& tokens) const {
    const auto id = rules_.find_piece(piece).value_or(unknown_id_);
    const bool is_known = id != unknown_id_;
    if (!is_known && byte_ids_[0]) {
      for (const char c : piece) {
        const auto byte_id = *byte_ids_[static_cast<unsigned char>(c)];
        tokens.push_back({byte_id, std::string(*vocabulary().token(byte_id))});
      }
    } else if (!is_known && tokens.size() > first && tokens.back().id == unknown_id_) {
      tokens.back().text += piece;
    } else {
      tokens.push_back({id, std::string(piece)});
    }
  }

  PieceRules rules_;
  UserDefinedSymbols user_defined_;
  std::uint32_t unknown_id_;
  std::array<std::optional<std::uint32_t>, 256> byte_ids_;  ///< all or none
};

}  // namespace

ModelPointer make_sentencepiece_model(const SentencePieceModel& model) {
  if (model.algorithm == SentencePieceModel::Algorithm::kBpe) {
    return std::make_unique<SentencePieceBpe>(model);
  }
  return make_unigram(make_unigram_table(model));
}

}  // namespace clipclap::text
