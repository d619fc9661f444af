#include "text/tokenizer.h"

#include <algorithm>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/utf8.h"
#include "text/added_vocabulary.h"
#include "text/pipeline.h"

namespace clipclap::text {

struct Tokenizer::Implementation {
  explicit Implementation(Pipeline pipeline)
      : pipeline_(std::move(pipeline)),
        added_(JsonNode(pipeline_.added_tokens, pipeline_.origin, "added_tokens"), *pipeline_.model,
               pipeline_.normalizer.get()) {}

  std::vector<Token> tokenize(std::string_view text) const;
  std::vector<Token> add_special_tokens(TokenList tokens, const EncodeOptions& options) const;
  Encoding pad(const std::vector<Token>& tokens, const EncodeOptions& options) const;
  std::optional<std::string_view> id_to_token(std::int64_t id) const;

  const Pipeline pipeline_;
  const AddedVocabulary added_;
};

std::vector<Token> Tokenizer::Implementation::tokenize(std::string_view text) const {
  PreTokenizedText pieces = added_.extract(text, pipeline_.normalizer.get());
  if (pipeline_.pre_tokenizer) pipeline_.pre_tokenizer->pre_tokenize(pieces);
  std::vector<Token> tokens;
  for (auto& piece : pieces.pieces) {
    if (piece.token) {
      tokens.push_back(*std::move(piece.token));
    } else {
      pipeline_.model->tokenize(piece.text.text(), tokens);
    }
  }
  return tokens;
}

std::vector<Token> Tokenizer::Implementation::add_special_tokens(
    TokenList tokens, const EncodeOptions& options) const {
  auto truncation = pipeline_.truncation;
  if (options.max_length) {
    truncation = Truncation{*options.max_length, truncation ? truncation->side : Side::kRight,
                            Truncation::Strategy::kLongestFirst};
  }
  if (truncation) {
    const bool adds = options.add_special_tokens && pipeline_.post_processor;
    truncation->apply(tokens, adds ? pipeline_.post_processor->added_tokens() : 0);
  }
  if (!pipeline_.post_processor) return tokens;
  std::vector<TokenList> lists;
  lists.push_back(std::move(tokens));
  lists = pipeline_.post_processor->process(std::move(lists), options.add_special_tokens);
  TokenList result;
  for (auto& list : lists) {
    result.insert(result.end(), std::make_move_iterator(list.begin()),
                  std::make_move_iterator(list.end()));
  }
  return result;
}

Encoding Tokenizer::Implementation::pad(const std::vector<Token>& tokens,
                                        const EncodeOptions& options) const {
  Padding padding = pipeline_.padding.value_or(Padding{});
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
  const auto added = added_.id_to_token(value);
  return added ? added : pipeline_.model->id_to_token(value);
}

Tokenizer::Tokenizer(Pipeline pipeline)
    : implementation_(std::make_shared<const Implementation>(std::move(pipeline))) {}

Tokenizer Tokenizer::from_json(std::string_view json, const std::string& origin) {
  return Tokenizer(read_pipeline(read_tokenizer_document(json, origin), origin));
}

Tokenizer Tokenizer::wrapped(Wrapping wrapping) const {
  Tokenizer result = *this;
  result.wrappings_.push_back(std::move(wrapping));
  return result;
}

void Tokenizer::finish(const Wrapping& wrapping, Encoding& encoding) const {
  const bool is_full = !encoding.mask.empty() && encoding.mask.back() != 0;
  if (const auto id = token_to_id(wrapping.end_token); id && is_full) {
    encoding.ids.back() = *id;
    encoding.tokens.back() = wrapping.end_token;
  }
  if (wrapping.zeroed_id) {
    std::replace(encoding.ids.begin(), encoding.ids.end(), *wrapping.zeroed_id, std::int64_t{0});
  }
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
  std::string wrapped(text);
  std::for_each(wrappings_.rbegin(), wrappings_.rend(), [&](const Wrapping& wrapping) {
    if (wrapping.clean) wrapped = wrapping.clean(wrapped);
    if (!wrapping.end_token.empty()) wrapped += ' ' + wrapping.end_token;
  });
  const auto& self = *implementation_;
  try {
    auto tokens = self.add_special_tokens(self.tokenize(wrapped), options);
    auto encoding = self.pad(tokens, options);
    for (const auto& wrapping : wrappings_) finish(wrapping, encoding);
    return encoding;
  } catch (const Error& error) {
    // The stages do not know which file they come from.
    if (!error.context().empty()) throw;
    throw Error(error.code(), error.message(), self.pipeline_.origin);
  }
}

std::optional<std::int64_t> Tokenizer::token_to_id(std::string_view token) const {
  const auto added = implementation_->added_.token_to_id(token);
  const auto id = added ? added : implementation_->pipeline_.model->token_to_id(token);
  if (!id) return std::nullopt;
  return *id;
}

std::size_t Tokenizer::vocabulary_size() const {
  const auto& self = *implementation_;
  return self.pipeline_.model->size() + self.added_.count_beyond(*self.pipeline_.model);
}

std::string Tokenizer::description() const {
  return fmt::format("{}, {} tokens", implementation_->pipeline_.model->type(), vocabulary_size());
}

}  // namespace clipclap::text
