// SigLIP's first tokenizer: what SiglipTokenizer does around its SentencePiece model.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "text/cleaning/python_text.h"
#include "text/sentencepiece/models.h"
#include "text/sentencepiece/normalizer.h"
#include "text/sentencepiece/pipelines.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

constexpr std::string_view kSpace = "\u2581";

std::string content_of(const Json& token) {
  return token.is_null() ? std::string() : token["content"].get<std::string>();
}

/// The text as SiglipTokenizer.tokenize hands it on: a space in front, and lower case for all but
/// the tokens of `kept`.
std::string begin_text(std::string_view original, const std::vector<std::string>& kept,
                       bool makes_lower_case) {
  std::string text(kSpace);
  for (std::size_t begin = 0; begin < original.size();) {
    const std::size_t space = std::min(original.find(kSpace, begin), original.size());
    text += original.substr(begin, space - begin);
    if (space < original.size()) text += ' ';
    begin = space + kSpace.size();
  }
  if (!makes_lower_case) return text;
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto rest = std::string_view(text).substr(begin);
    const auto literal = std::find_if(kept.begin(), kept.end(), [&](const std::string& token) {
      return rest.starts_with(token);
    });
    const std::size_t length = literal != kept.end() ? literal->size() : utf8_length(rest[0]);
    const auto part = rest.substr(0, length);
    result += literal != kept.end() ? std::string(part) : python_lower_each(part);
    begin += length;
  }
  return result;
}

/// SiglipTokenizer.canonicalize_text, and the unknown token in front: SentencePiece drops the space
/// that a text begins with, but not one behind other text, and that text's tokens are dropped
/// later.
class Canonicalize final : public Normalizer {
 public:
  Canonicalize(std::string front, NormalizerPointer next)
      : front_(std::move(front)), next_(std::move(next)) {}

  void normalize(NormalizedText& text) const override {
    std::string kept;
    for_each_code_point(text.text(), [&](char32_t c, std::size_t, std::size_t) {
      if (!is_python_punctuation(c)) append_utf8(kept, c);
    });
    text.assign(front_ + fmt::format("{}", fmt::join(python_split(kept), " ")));
    next_->normalize(text);
  }

 private:
  std::string front_;
  NormalizerPointer next_;
};

/// Drops a space that nothing is left of but itself before a special token.
class DropLonelySpace final : public PreTokenizer {
 public:
  DropLonelySpace(std::string lonely, std::vector<std::uint32_t> special)
      : lonely_(std::move(lonely)), special_(std::move(special)) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    auto& pieces = text.pieces;
    if (pieces.size() < 2 || pieces[0].token || pieces[0].text.text() != lonely_) return;
    if (!pieces[1].token) return;
    const auto id = pieces[1].token->id;
    if (std::find(special_.begin(), special_.end(), id) != special_.end()) {
      pieces.erase(pieces.begin());
    }
  }

 private:
  std::string lonely_;
  std::vector<std::uint32_t> special_;
};

/// A model whose words all begin with the same text, the tokens of which are dropped.
class BehindFront final : public Model {
 public:
  BehindFront(ModelPointer model, std::string_view front) : model_(std::move(model)) {
    std::vector<Token> tokens;
    if (!front.empty()) model_->tokenize(front, tokens);
    front_tokens_ = tokens.size();
  }

  void tokenize(std::string_view word, std::vector<Token>& tokens) const override {
    std::vector<Token> all;
    model_->tokenize(word, all);
    const std::size_t dropped = all.size() >= front_tokens_ ? front_tokens_ : 0;
    std::move(all.begin() + static_cast<std::ptrdiff_t>(dropped), all.end(),
              std::back_inserter(tokens));
  }

  std::optional<std::uint32_t> token_to_id(std::string_view token) const override {
    return model_->token_to_id(token);
  }
  std::optional<std::string_view> id_to_token(std::uint32_t id) const override {
    return model_->id_to_token(id);
  }
  std::size_t size() const override { return model_->size(); }
  std::size_t next_id() const override { return model_->next_id(); }
  std::string_view type() const override { return model_->type(); }

 private:
  ModelPointer model_;
  std::size_t front_tokens_ = 0;
};

/// Puts the end token behind a text that does not end in it already.
class EndOnce final : public PostProcessor {
 public:
  explicit EndOnce(Token end) : end_(std::move(end)) {}

  std::size_t added_tokens() const override { return 1; }

  std::vector<TokenList> process(std::vector<TokenList> lists,
                                 bool add_special_tokens) const override {
    const bool has_end = !lists[0].empty() && lists[0].back().id == end_.id;
    if (add_special_tokens && !has_end) lists[0].push_back(end_);
    return lists;
  }

 private:
  Token end_;
};

void add_stages(Pipeline& pipeline, SentencePieceModel model, const std::string& end,
                const std::string& front) {
  model.normalization.adds_dummy_prefix = false;
  auto normalizer = make_sentencepiece_normalizer(model);
  const auto normalized = [&](const std::string& text) {
    NormalizedText result(text);
    normalizer->normalize(result);
    return result.text();
  };
  auto inner = make_sentencepiece_model(model);
  const auto end_id = inner->token_to_id(end);
  if (!end_id) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("the end token \"{}\" is not in the vocabulary", end));
  }
  std::vector<std::uint32_t> special;
  for (const auto& token : pipeline.added_tokens) {
    const auto id = inner->token_to_id(content_of(token));
    if (id && token["special"].get<bool>()) special.push_back(*id);
  }
  pipeline.pre_tokenizer = std::make_unique<DropLonelySpace>(
      normalized(front + std::string(kSpace)), std::move(special));
  pipeline.model = std::make_unique<BehindFront>(std::move(inner), normalized(front));
  pipeline.post_processor = std::make_unique<EndOnce>(Token{*end_id, end});
  pipeline.normalizer = std::make_unique<Canonicalize>(front, std::move(normalizer));
}

}  // namespace

Tokenizer make_siglip_tokenizer(const SentencePieceModel& model, const TokenSettings& settings,
                                const std::string& origin) {
  Pipeline pipeline{origin};
  const auto token = [&](std::string_view role, const char* content) {
    return settings.token(role, make_token(content, false, true, true));
  };
  const Json end = token("eos_token", "</s>");
  const Json unknown = token("unk_token", "<unk>");
  const bool makes_lower_case = settings.flag("do_lower_case").value_or(true);
  auto tokens = settings.other_tokens();
  tokens.insert(tokens.begin(), {end, unknown, token("pad_token", "</s>")});
  std::vector<std::string> kept;
  for (auto& added : tokens) {
    const auto content = content_of(added);
    if (content.empty()) continue;
    const bool is_special = added["special"].get<bool>();
    const bool is_normalized = added["normalized"].get<bool>();
    if (!is_special && is_normalized && makes_lower_case) {
      added["content"] = python_lower(content);
    }
    if (is_special || is_normalized) kept.push_back(content_of(added));
    // They are looked for in the text as it is.
    added["normalized"] = false;
    add_token(pipeline.added_tokens, std::move(added));
  }
  add_stages(pipeline, model, content_of(end), content_of(unknown));
  return Tokenizer(std::move(pipeline))
      .wrapped({.clean = [kept = std::move(kept), makes_lower_case](std::string_view text) {
        return begin_text(text, kept, makes_lower_case);
      }});
}

}  // namespace clipclap::text
