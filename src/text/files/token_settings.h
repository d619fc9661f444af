// tokenizer_config.json and special_tokens_map.json, as far as they bear on tokens.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace clipclap::text {

/// Reads as `from_pretrained` of transformers 4 does: special_tokens_map.json counts before
/// tokenizer_config.json unless that has "added_tokens_decoder". Every function throws Error
/// (kInvalidData) with file and key for what is of the wrong type.
class TokenSettings {
 public:
  /// Neither file is there.
  TokenSettings() = default;
  /// Each may be null. The origins name the files in messages.
  TokenSettings(Json config, std::string config_origin, Json map, std::string map_origin);

  /// The token of a role such as "eos_token", in the form of "added_tokens" of a tokenizer.json but
  /// without an id. `fallback`, of the same form or null, is what it is where neither file says;
  /// its flags are those of a token that the files give as a plain string. Null for no token.
  Json token(std::string_view role, const Json& fallback = nullptr) const;

  /// "added_tokens_decoder" and "additional_special_tokens", in the same form.
  std::vector<Json> other_tokens() const;

  std::optional<bool> flag(std::string_view key) const;
  /// Empty where it is not there.
  std::string string(std::string_view key) const;
  /// "model_max_length", where it is a limit at all: it is 10^30 where none is meant.
  std::optional<std::size_t> longest() const;

 private:
  const Json* find(std::string_view key) const;
  Json read_token(const Json& value, std::string_view key, const Json& flags) const;
  [[noreturn]] void fail(std::string_view key, const std::string& message) const;

  Json config_ = Json::object();
  Json map_ = Json::object();
  std::string config_origin_;
  std::string map_origin_;
};

/// A token in the form of "added_tokens", without an id.
Json make_token(std::string content, bool normalized, bool strips_left = false,
                bool strips_right = false);

/// Appends a token to such a list unless it is null or its content is there already.
void add_token(Json& tokens, Json token);

}  // namespace clipclap::text
