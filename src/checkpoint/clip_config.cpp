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

ClipTextConfig read_clip_text(const JsonFields& fields) {
  const TextConfig defaults{.transformer = {.hidden_size = 512,
                                            .intermediate_size = 2048,
                                            .layer_count = 12,
                                            .head_count = 8},
                            .vocabulary_size = 49408,
                            .position_count = 77};
  ClipTextConfig config{read_text(fields, defaults)};
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
  result.vision = read_vision(find_sub_config(top, origin, "vision_config"), result.vision);
  result.text = read_clip_text(find_sub_config(top, origin, "text_config"));
  result.projection_dim = top.integer("projection_dim", result.projection_dim, 1, kMaximumWidth);
  return result;
}

}  // namespace clipclap::checkpoint
