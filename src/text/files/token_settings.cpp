#include "text/files/token_settings.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap::text {
namespace {

constexpr std::string_view kDecoder = "added_tokens_decoder";
constexpr std::string_view kAdditional = "additional_special_tokens";

Json object_or_nothing(Json value, const std::string& origin) {
  if (value.is_null()) return Json::object();
  if (!value.is_object()) {
    throw Error(ErrorCode::kInvalidData, "is not a JSON object; fetch the file again", origin);
  }
  return value;
}

}  // namespace

Json make_token(std::string content, bool normalized, bool strips_left, bool strips_right) {
  return {{"id", 0U},
          {"content", std::move(content)},
          {"single_word", false},
          {"lstrip", strips_left},
          {"rstrip", strips_right},
          {"normalized", normalized},
          {"special", true}};
}

void add_token(Json& tokens, Json token) {
  const bool is_there =
      token.is_null() || std::any_of(tokens.begin(), tokens.end(), [&](const Json& other) {
        return other["content"] == token["content"];
      });
  if (!is_there) tokens.push_back(std::move(token));
}

TokenSettings::TokenSettings(Json config, std::string config_origin, Json map,
                             std::string map_origin)
    : config_(object_or_nothing(std::move(config), config_origin)),
      map_(object_or_nothing(std::move(map), map_origin)),
      config_origin_(std::move(config_origin)),
      map_origin_(std::move(map_origin)) {
  if (config_.contains(kDecoder)) map_ = Json::object();
}

const Json* TokenSettings::find(std::string_view key) const {
  for (const auto* file : {&map_, &config_}) {
    const auto found = file->find(key);
    if (found != file->end()) return &*found;
  }
  return nullptr;
}

void TokenSettings::fail(std::string_view key, const std::string& message) const {
  const auto& origin = map_.contains(key) ? map_origin_ : config_origin_;
  throw Error(ErrorCode::kInvalidData, message, fmt::format("{}: {}", origin, key));
}

/// `value` is a string or an object such as {"content": "</s>", "lstrip": true, …}.
Json TokenSettings::read_token(const Json& value, std::string_view key, const Json& flags) const {
  const Json plain = flags.is_object() ? flags : make_token("", false);
  Json token = plain;
  if (value.is_string()) {
    token["content"] = value;
    return token;
  }
  const auto content = value.is_object() ? value.find("content") : value.end();
  if (content == value.end() || !content->is_string()) {
    fail(key, "is neither a string nor a token with its \"content\"");
  }
  token = make_token(content->get<std::string>(), true);
  for (const auto* flag : {"single_word", "lstrip", "rstrip", "normalized"}) {
    const auto found = value.find(flag);
    if (found == value.end()) continue;
    if (!found->is_boolean()) fail(key, fmt::format("\"{}\" should be true or false", flag));
    token[flag] = *found;
  }
  return token;
}

Json TokenSettings::token(std::string_view role, const Json& fallback) const {
  const Json* value = find(role);
  if (value == nullptr) return fallback;
  if (value->is_null()) return nullptr;
  Json token = read_token(*value, role, fallback);
  for (auto& other : other_tokens()) {
    if (other["content"] != token["content"]) continue;
    other["special"] = true;
    return other;
  }
  return token;
}

std::vector<Json> TokenSettings::other_tokens() const {
  std::vector<Json> tokens;
  if (const Json* decoder = find(kDecoder); decoder != nullptr && !decoder->is_null()) {
    if (!decoder->is_object()) fail(kDecoder, "should be an object of ids and tokens");
    for (const auto& entry : *decoder) {
      Json token = read_token(entry, kDecoder, nullptr);
      const auto special = entry.find("special");
      token["special"] = special != entry.end() && special->is_boolean() && special->get<bool>();
      tokens.push_back(std::move(token));
    }
  }
  if (const Json* list = find(kAdditional); list != nullptr && !list->is_null()) {
    if (!list->is_array()) fail(kAdditional, "should be a list of tokens");
    for (const auto& entry : *list) tokens.push_back(read_token(entry, kAdditional, nullptr));
  }
  return tokens;
}

std::optional<bool> TokenSettings::flag(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_boolean()) fail(key, "should be true or false");
  return value->get<bool>();
}

std::string TokenSettings::string(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string()) fail(key, "should be a string");
  return value->get<std::string>();
}

std::optional<std::size_t> TokenSettings::longest() const {
  constexpr std::string_view kKey = "model_max_length";
  const Json* value = find(kKey);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_number()) fail(kKey, "should be a number");
  constexpr double kMost = 1 << 24;
  const double length = value->get<double>();
  if (!(length >= 1)) fail(kKey, fmt::format("is {}, which leaves no room for text", length));
  if (length > kMost) return std::nullopt;
  return static_cast<std::size_t>(std::floor(length));
}

}  // namespace clipclap::text
