#include "model/text_layout.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/json.h"

namespace clipclap::model {
namespace {

constexpr std::string_view kFile = "tokenizer_config.json";

// A token is written as a string or as the object of an added token. Nothing where the config names
// none.
std::optional<std::int64_t> find_special_id(const Json& config, const text::Tokenizer& tokenizer,
                                            const std::string& origin, std::string_view key) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return std::nullopt;
  const Json& content = found->is_object() ? found->value("content", Json()) : *found;
  if (!content.is_string()) {
    throw Error(ErrorCode::kInvalidData, fmt::format("{} is neither a string nor a token", key),
                origin);
  }
  const auto id = tokenizer.token_to_id(content.get<std::string>());
  if (!id) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{} \"{}\" is not in tokenizer.json", key, content.get<std::string>()),
                origin);
  }
  return id;
}

Json read_config(const checkpoint::CheckpointFiles& files, const std::string& origin) {
  auto config = parse_json(files.text(kFile), origin);
  if (!config.is_object()) throw Error(ErrorCode::kInvalidData, "is not a JSON object", origin);
  return config;
}

}  // namespace

TextLayout read_text_layout(const checkpoint::CheckpointFiles& files,
                            const text::Tokenizer& tokenizer, std::size_t position_count) {
  TextLayout layout{.length = position_count};
  if (!files.contains(kFile)) return layout;
  const auto origin = files.describe(kFile);
  const auto config = read_config(files, origin);
  layout.pad_id = find_special_id(config, tokenizer, origin, "pad_token").value_or(0);
  // Where no limit is meant the file holds 1e30, so it is read as a double.
  const auto limit = config.find("model_max_length");
  if (limit != config.end() && limit->is_number()) {
    const auto length = limit->get<double>();
    if (!(length >= 2)) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("model_max_length is {}, which leaves no room for text", length),
                  origin);
    }
    layout.length =
        static_cast<std::size_t>(std::min(static_cast<double>(position_count), std::floor(length)));
  }
  return layout;
}

std::int64_t read_special_id(const checkpoint::CheckpointFiles& files,
                             const text::Tokenizer& tokenizer, std::string_view key) {
  const auto origin = files.describe(kFile);
  const auto id = find_special_id(read_config(files, origin), tokenizer, origin, key);
  if (!id) throw Error(ErrorCode::kInvalidData, fmt::format("names no {}", key), origin);
  return *id;
}

TextSide load_text_side(const checkpoint::CheckpointFiles& files,
                        const checkpoint::TextConfig& config) {
  constexpr std::string_view kTokenizer = "tokenizer.json";
  const auto origin = files.describe(kTokenizer);
  auto tokenizer = text::Tokenizer::from_json(files.text(kTokenizer), origin);
  require_vocabulary_fits(tokenizer, config.vocabulary_size, origin);
  const auto layout =
      read_text_layout(files, tokenizer, static_cast<std::size_t>(config.position_count));
  return {std::move(tokenizer), layout, nullptr};
}

void require_vocabulary_fits(const text::Tokenizer& tokenizer, std::int64_t row_count,
                             const std::string& origin) {
  if (tokenizer.vocabulary_size() <= static_cast<std::size_t>(row_count)) return;
  throw Error(ErrorCode::kInvalidData,
              fmt::format("has {} tokens, but the model's token embedding has {} rows; take the "
                          "tokenizer.json that belongs to the model",
                          tokenizer.vocabulary_size(), row_count),
              origin);
}

}  // namespace clipclap::model
