#include "checkpoint/clip_config.h"

#include <fmt/format.h>

#include "base/log.h"
#include "checkpoint/json_fields.h"

namespace clipclap::checkpoint {
namespace {

// The sub-config that counts. Older files hold `text_config_dict` beside `text_config`; CLIPConfig
// completes it with the defaults and lays the result over `text_config`, so that nothing which
// matters is left of the latter.
JsonFields find_sub_config(const JsonFields& top, const std::string& origin,
                           const std::string& name) {
  static const Json kNothing = Json::object();
  const auto legacy_name = name + "_dict";
  if (const auto* legacy = top.find_given(legacy_name)) {
    return JsonFields(*legacy, origin, legacy_name + ".");
  }
  const auto* current = top.find_given(name);
  return JsonFields(current == nullptr ? kNothing : *current, origin, name + ".");
}

// An integer, or [height, width] where both are the same.
int read_side(const JsonFields& fields, std::string_view key, int fallback) {
  const auto* value = fields.find(key);
  if (value == nullptr || !value->is_array()) {
    return fields.integer(key, fallback, 1, kMaximumImageSize);
  }
  if (value->size() != 2) fields.refuse(key, "is a list of other than two sizes");
  const int height = fields.as_integer(key, value->at(0), 1, kMaximumImageSize);
  const int width = fields.as_integer(key, value->at(1), 1, kMaximumImageSize);
  if (height != width) {
    fields.refuse(key, fmt::format("is {} by {}; only squares are known", height, width),
                  ErrorCode::kUnsupported);
  }
  return height;
}

ClipVisionConfig read_vision(const JsonFields& fields) {
  ClipVisionConfig config;
  config.transformer = read_transformer(fields, config.transformer);
  const int channels = fields.integer("num_channels", 3, 1, kMaximumWidth);
  if (channels != 3) {
    fields.refuse("num_channels",
                  fmt::format("is {}; only pictures of 3 channels are known", channels),
                  ErrorCode::kUnsupported);
  }
  config.image_size = read_side(fields, "image_size", config.image_size);
  config.patch_size = read_side(fields, "patch_size", config.patch_size);
  const int grid = config.image_size / config.patch_size;
  if (grid < 1 || grid * grid >= kMaximumTokens) {
    fields.refuse("patch_size",
                  fmt::format("is {}, which cuts a picture of {} pixels a side into {} patches",
                              config.patch_size, config.image_size, grid * grid));
  }
  return config;
}

ClipTextConfig read_text(const JsonFields& fields) {
  ClipTextConfig config;
  config.transformer = read_transformer(fields, config.transformer);
  config.vocabulary_size =
      fields.integer("vocab_size", config.vocabulary_size, 1, kMaximumVocabulary);
  config.position_count =
      fields.integer("max_position_embeddings", config.position_count, 1, kMaximumTokens);
  config.eos_token_id =
      fields.integer("eos_token_id", static_cast<int>(config.eos_token_id), 0, kMaximumVocabulary);
  if (config.eos_token_id >= config.vocabulary_size && config.eos_token_id != 2) {
    log_warning(
        fmt::format("{} is {}, beyond the vocabulary of {}: as in transformers, texts are "
                    "then read at their first token",
                    fields.place("eos_token_id"), config.eos_token_id, config.vocabulary_size));
  }
  return config;
}

}  // namespace

ClipConfig parse_clip_config(const Json& config, const std::string& origin) {
  const JsonFields top(config, origin);
  ClipConfig result;
  result.vision = read_vision(find_sub_config(top, origin, "vision_config"));
  result.text = read_text(find_sub_config(top, origin, "text_config"));
  result.projection_dim = top.integer("projection_dim", result.projection_dim, 1, kMaximumWidth);
  return result;
}

}  // namespace clipclap::checkpoint
