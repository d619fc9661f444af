#include "text/tokenizer.h"

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/utf8.h"
#include "text/added_vocabulary.h"
#include "text/json/tokenizer_document.h"
#include "text/length.h"
#include "text/models/model.h"
#include "text/normalizers/normalizer.h"
#include "text/post_processors/post_processor.h"
#include "text/pre_tokenizers/pre_tokenizer.h"

namespace clipclap::text {

struct Tokenizer::Implementation {
  Implementation(TokenizerDocument document, std::string origin);

  std::vector<Token> tokenize(std::string_view text) const;
  std::vector<Token> add_special_tokens(TokenList tokens, const EncodeOptions& options) const;
  Encoding pad(const std::vector<Token>& tokens, const EncodeOptions& options) const;
  std::optional<std::string_view> id_to_token(std::int64_t id) const;

  std::string origin_;
  NormalizerPointer normalizer_;
  PreTokenizerPointer pre_tokenizer_;
  ModelPointer model_;
  std::optional<AddedVocabulary> added_;
  PostProcessorPointer post_processor_;
  std::optional<Truncation> truncation_;
  std::optional<Padding> padding_;
};

Tokenizer::Implementation::Implementation(TokenizerDocument document, std::string origin)
    : origin_(std::move(origin)) {
  const JsonNode root(document.root, origin_);
  if (const auto version = root.find("version"); version && version->string() != "1.0") {
    version->fail(ErrorCode::kUnsupported,
                  fmt::format("is \"{}\"; only \"1.0\" is known", version->string()));
  }
  model_ = parse_model(root.at("model"), document);
  if (const auto node = root.find("normalizer")) normalizer_ = parse_normalizer(*node);
  if (const auto node = root.find("pre_tokenizer")) pre_tokenizer_ = parse_pre_tokenizer(*node);
  if (const auto node = root.find("post_processor")) {
    post_processor_ = parse_post_processor(*node);
  }
  if (const auto node = root.find("truncation")) truncation_ = Truncation::parse(*node);
  if (const auto node = root.find("padding")) padding_ = Padding::parse(*node);
  static const Json kNone = Json::array();
  const auto added = root.find("added_tokens");
  added_.emplace(added ? *added : JsonNode(kNone, origin_), *model_, normalizer_.get());
}

std::vector<Token> Tokenizer::Implementation::tokenize(std::string_view text) const {
  PreTokenizedText pieces = added_->extract(text, normalizer_.get());
  if (pre_tokenizer_) pre_tokenizer_->pre_tokenize(pieces);
  std::vector<Token> tokens;
  for (auto& piece : pieces.pieces) {
    if (piece.token) {
      tokens.push_back(*std::move(piece.token));
    } else {
      model_->tokenize(piece.text.text(), tokens);
    }
  }
  return tokens;
}

std::vector<Token> Tokenizer::Implementation::add_special_tokens(
    TokenList tokens, const EncodeOptions& options) const {
  auto truncation = truncation_;
  if (options.max_length) {
    truncation = Truncation{*options.max_length, truncation_ ? truncation_->side : Side::kRight,
                            Truncation::Strategy::kLongestFirst};
  }
  if (truncation) {
    const bool adds = options.add_special_tokens && post_processor_;
    truncation->apply(tokens, adds ? post_processor_->added_tokens() : 0);
  }
  if (!post_processor_) return tokens;
  std::vector<TokenList> lists;
  lists.push_back(std::move(tokens));
  lists = post_processor_->process(std::move(lists), options.add_special_tokens);
  TokenList result;
  for (auto& list : lists) {
    result.insert(result.end(), std::make_move_iterator(list.begin()),
                  std::make_move_iterator(list.end()));
  }
  return result;
}

Encoding Tokenizer::Implementation::pad(const std::vector<Token>& tokens,
                                        const EncodeOptions& options) const {
  Padding padding = padding_.value_or(Padding{});
  if (options.pad_to) {
    padding = Padding{*options.pad_to, 0, Side::kRight, options.pad_id,
                      std::string(id_to_token(options.pad_id).value_or(padding.token))};
  }
  const std::size_t missing = padding.missing(tokens.size());
  Encoding result;
  result.ids.reserve(tokens.size() + missing);
  const auto add_padding = [&](Side side) {
    if (side != padding.side) return;
    result.ids.insert(result.ids.end(), missing, padding.id);
    result.mask.insert(result.mask.end(), missing, 0);
    result.tokens.insert(result.tokens.end(), missing, padding.token);
  };
  add_padding(Side::kLeft);
  for (const auto& token : tokens) {
    result.ids.push_back(token.id);
    result.mask.push_back(1);
    result.tokens.push_back(token.text);
  }
  add_padding(Side::kRight);
  return result;
}

std::optional<std::string_view> Tokenizer::Implementation::id_to_token(std::int64_t id) const {
  if (id < 0 || id > std::int64_t{0xFFFFFFFE}) return std::nullopt;
  const auto value = static_cast<std::uint32_t>(id);
  const auto added = added_->id_to_token(value);
  return added ? added : model_->id_to_token(value);
}

Tokenizer::Tokenizer(std::shared_ptr<const Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Tokenizer Tokenizer::from_json(std::string_view json, const std::string& origin) {
  return Tokenizer(
      std::make_shared<const Implementation>(read_tokenizer_document(json, origin), origin));
}

Encoding Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  constexpr std::size_t kMaximumBytes = std::size_t{1} << 24;
  if (text.size() > kMaximumBytes) {
    throw Error(ErrorCode::kInvalidArgument,
                "a text of more than 16 MiB cannot be tokenized; cut it first");
  }
  if (const auto offset = find_invalid_utf8(text)) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("the text is not UTF-8 at byte {}; convert it first", *offset));
  }
  const auto& self = *implementation_;
  try {
    return self.pad(self.add_special_tokens(self.tokenize(text), options), options);
  } catch (const Error& error) {
    // The stages do not know which file they come from.
    if (!error.context().empty()) throw;
    throw Error(error.code(), error.message(), self.origin_);
  }
}

std::optional<std::int64_t> Tokenizer::token_to_id(std::string_view token) const {
  const auto added = implementation_->added_->token_to_id(token);
  const auto id = added ? added : implementation_->model_->token_to_id(token);
  if (!id) return std::nullopt;
  return *id;
}

std::size_t Tokenizer::vocabulary_size() const {
  const auto& self = *implementation_;
  return self.model_->size() + self.added_->count_beyond(*self.model_);
}

std::string Tokenizer::description() const {
  return fmt::format("{}, {} tokens", implementation_->model_->type(), vocabulary_size());
}

}  // namespace clipclap::text
