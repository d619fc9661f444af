// Unigram (Kudo 2018): the segmentation whose tokens have the highest sum of scores. The search is
// the one of SentencePiece, unigram_model.cc, EncodeOptimized, in the order of the reference, for
// sums of floating point numbers decide.
#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "text/models/model.h"
#include "text/models/vocabulary.h"
#include "text/prefix_index.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

class Unigram final : public Model {
 public:
  Unigram(VocabularyTable table, std::optional<std::uint32_t> unknown_id, bool byte_fallback)
      : scores_(std::move(table.scores)),
        vocabulary_(std::move(table)),
        unknown_id_(unknown_id),
        byte_fallback_(byte_fallback) {
    std::vector<PrefixIndex::Entry> entries;
    entries.reserve(scores_.size());
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t id = 0; id < scores_.size(); ++id) {
      const std::string_view token = *vocabulary_.token(id);
      entries.push_back({token, *vocabulary_.find(token)});
      least = std::min(least, scores_[id]);
    }
    index_ = PrefixIndex(std::move(entries));
    constexpr double kUnknownPenalty = 10.0;
    unknown_score_ = least - kUnknownPenalty;
    for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
      byte_ids_[byte] = vocabulary_.find(fmt::format("<0x{:02X}>", byte));
    }
  }

  void tokenize(std::string_view word, std::vector<Token>& tokens) const override {
    for (const std::string_view part : find_best(word)) {
      if (const auto id = vocabulary_.find(part)) {
        tokens.push_back({*id, std::string(part)});
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

    void offer(std::uint32_t new_id, double new_score, std::size_t new_begin) {
      if (begin == kNone || new_score > score) *this = {new_id, new_score, new_begin};
    }
  };

  std::vector<Node> find_paths(std::string_view word) const {
    std::vector<Node> nodes(word.size() + 1);
    for (std::size_t begin = 0; begin < word.size();) {
      const double score = nodes[begin].score;
      const std::size_t code_point_length = utf8_length(word[begin]);
      bool has_single = false;
      index_.for_each_prefix(word.substr(begin), [&](std::size_t length, std::uint32_t id) {
        nodes[begin + length].offer(id, scores_[id] + score, begin);
        has_single = has_single || length == code_point_length;
      });
      if (!has_single) {
        nodes[begin + code_point_length].offer(unknown_id(), unknown_score_ + score, begin);
      }
      begin += code_point_length;
    }
    return nodes;
  }

  /// The tokens' texts; unknown ones next to each other are one.
  std::vector<std::string_view> find_best(std::string_view word) const {
    const auto nodes = find_paths(word);
    std::vector<std::string_view> parts;
    bool last_unknown = false;
    for (std::size_t end = word.size(); end > 0;) {
      const Node& node = nodes[end];
      const bool unknown = unknown_id_ && node.id == *unknown_id_;
      const std::string_view part = word.substr(node.begin, end - node.begin);
      if (unknown && last_unknown) {
        parts.back() = word.substr(node.begin, part.size() + parts.back().size());
      } else {
        parts.push_back(part);
      }
      last_unknown = unknown;
      end = node.begin;
    }
    std::reverse(parts.begin(), parts.end());
    return parts;
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
  bool byte_fallback_;
  double unknown_score_ = 0;
  std::array<std::optional<std::uint32_t>, 256> byte_ids_;
};

}  // namespace

ModelPointer parse_unigram(const JsonNode& node, TokenizerDocument& document) {
  auto table = take_vocabulary(node, document, VocabularyTable::Form::kScores);
  std::optional<std::uint32_t> unknown_id;
  if (const auto id = node.find("unk_id")) {
    unknown_id = id->id();
    if (*unknown_id >= table.scores.size()) {
      id->fail(ErrorCode::kInvalidData, "is beyond the end of the vocabulary");
    }
  }
  const auto byte_fallback = node.find("byte_fallback");
  return std::make_unique<Unigram>(std::move(table), unknown_id,
                                   byte_fallback && byte_fallback->boolean());
}

}  // namespace clipclap::text
