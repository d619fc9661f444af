// Unigram (Kudo 2018): the segmentation whose tokens have the highest sum of scores. The search is
// the one of SentencePiece 0.2.3, unigram_model.cc, EncodeOptimized, in the order of the reference,
// for sums of floating point numbers decide. `tokenizers` sums as double, SentencePiece as float.
#include "text/models/unigram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "text/models/vocabulary.h"
#include "text/prefix_index.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

class Unigram final : public Model {
 public:
  explicit Unigram(UnigramTable table)
      : scores_(std::move(table.vocabulary.scores)),
        vocabulary_(std::move(table.vocabulary)),
        unknown_id_(table.unknown_id),
        unknown_score_(table.unknown_score),
        byte_fallback_(table.byte_fallback),
        as_sentencepiece_(table.as_sentencepiece) {
    std::vector<PrefixIndex::Entry> entries;
    entries.reserve(scores_.size());
    for (std::uint32_t id = 0; id < scores_.size(); ++id) {
      const std::string_view token = *vocabulary_.token(id);
      if (!table.is_found(id)) continue;
      entries.push_back({token, *vocabulary_.find(token)});
    }
    index_ = PrefixIndex(std::move(entries));
    for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
      byte_ids_[byte] = vocabulary_.find(fmt::format("<0x{:02X}>", byte));
    }
  }

  void tokenize(std::string_view word, std::vector<Token>& tokens) const override {
    for (const auto& [part, id, is_unknown] : find_best(word)) {
      if (!is_unknown) {
        tokens.push_back({id, std::string(part)});
      } else if (const auto whole = find_unknown(part)) {
        tokens.push_back({*whole, std::string(part)});
      } else if (!add_bytes(part, tokens)) {
        tokens.push_back({unknown_id(), std::string(part)});
      }
    }
  }

  std::optional<std::uint32_t> token_to_id(std::string_view token) const override {
    return vocabulary_.find(token);
  }
  std::optional<std::string_view> id_to_token(std::uint32_t id) const override {
    return vocabulary_.token(id);
  }
  std::size_t size() const override { return vocabulary_.size(); }
  std::size_t next_id() const override { return scores_.size(); }
  std::string_view type() const override { return "Unigram"; }

 private:
  /// The best way to reach a place in the word.
  struct Node {
    std::uint32_t id = 0;
    double score = 0;
    std::size_t begin = kNone;  ///< of the last token on the way
    static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  };
  struct Part {
    std::string_view text;
    std::uint32_t id;
    bool is_unknown;
  };

  void offer(Node& node, std::uint32_t id, double score, std::size_t begin) const {
    if (node.begin != Node::kNone && !(score > node.score)) return;
    node = {id, score, begin};
  }

  double round(double score) const { return as_sentencepiece_ ? static_cast<float>(score) : score; }

  std::vector<Node> find_paths(std::string_view word) const {
    std::vector<Node> nodes(word.size() + 1);
    std::size_t reached = 0;
    for (std::size_t begin = 0; begin < word.size();) {
      if (as_sentencepiece_) keep_small(nodes, begin, reached);
      const double score = nodes[begin].score;
      const std::size_t code_point_length = utf8_length(word[begin]);
      bool has_single = false;
      const auto go = [&](std::size_t length, std::uint32_t id, double token_score) {
        reached = std::max(reached, begin + length);
        offer(nodes[begin + length], id, round(token_score + score), begin);
      };
      index_.for_each_prefix(word.substr(begin), [&](std::size_t length, std::uint32_t id) {
        go(length, id, scores_[id]);
        has_single = has_single || length == code_point_length;
      });
      if (!has_single) go(code_point_length, unknown_id(), unknown_score_);
      begin += code_point_length;
    }
    return nodes;
  }

  /// Sums of long texts are counted from a place on the way, or float would not tell them apart.
  void keep_small(std::vector<Node>& nodes, std::size_t begin, std::size_t reached) const {
    constexpr double kLarge = 100000;
    const double offset = nodes[begin].score;
    if (std::abs(offset) <= kLarge) return;
    for (std::size_t i = begin; i <= reached; ++i) {
      if (nodes[i].begin != Node::kNone) nodes[i].score = round(nodes[i].score - offset);
    }
  }

  /// Unknown parts next to each other are one.
  std::vector<Part> find_best(std::string_view word) const {
    const auto nodes = find_paths(word);
    std::vector<Part> parts;
    for (std::size_t end = word.size(); end > 0;) {
      const Node& node = nodes[end];
      const bool is_unknown = unknown_id_ && node.id == *unknown_id_;
      std::size_t length = end - node.begin;
      if (is_unknown && !parts.empty() && parts.back().is_unknown) {
        length += parts.back().text.size();
        parts.pop_back();
      }
      parts.push_back({word.substr(node.begin, length), node.id, is_unknown});
      end = node.begin;
    }
    std::reverse(parts.begin(), parts.end());
    return parts;
  }

  /// `tokenizers` goes from the text back to the token: unknown text is looked up as a whole.
  std::optional<std::uint32_t> find_unknown(std::string_view part) const {
    return as_sentencepiece_ ? std::nullopt : vocabulary_.find(part);
  }

  bool add_bytes(std::string_view part, std::vector<Token>& tokens) const {
    if (!byte_fallback_) return false;
    const auto id_of = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
    if (!std::all_of(part.begin(), part.end(), [&](char c) { return id_of(c).has_value(); })) {
      return false;
    }
    for (const char byte : part) {
      tokens.push_back({*id_of(byte), std::string(*vocabulary_.token(*id_of(byte)))});
    }
    return true;
  }

  std::uint32_t unknown_id() const {
    if (unknown_id_) return *unknown_id_;
    throw Error(ErrorCode::kInvalidData,
                "the text holds what the vocabulary does not, and there is no \"unk_id\"");
  }

  std::vector<double> scores_;
  Vocabulary vocabulary_;
  PrefixIndex index_;
  std::optional<std::uint32_t> unknown_id_;
  double unknown_score_;
  bool byte_fallback_;
  bool as_sentencepiece_;
  std::array<std::optional<std::uint32_t>, 256> byte_ids_;
};

}  // namespace

ModelPointer make_unigram(UnigramTable table) {
  return std::make_unique<Unigram>(std::move(table));
}

ModelPointer parse_unigram(const JsonNode& node, TokenizerDocument& document) {
  UnigramTable table;
  table.vocabulary = take_vocabulary(node, document, VocabularyTable::Form::kScores);
  const auto& scores = table.vocabulary.scores;
  if (const auto id = node.find("unk_id")) {
    table.unknown_id = id->id();
    if (*table.unknown_id >= scores.size()) {
      id->fail(ErrorCode::kInvalidData, "is beyond the end of the vocabulary");
    }
  }
  double least = std::numeric_limits<double>::infinity();
  for (const double score : scores) least = std::min(least, score);
  table.unknown_score = least - kUnknownPenalty;
  const auto byte_fallback = node.find("byte_fallback");
  table.byte_fallback = byte_fallback && byte_fallback->boolean();
  return make_unigram(std::move(table));
}

}  // namespace clipclap::text
