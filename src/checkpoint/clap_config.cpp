#include "checkpoint/clap_config.h"

#include <fmt/format.h>

namespace clipclap::checkpoint {
namespace {

ClapTextConfig read_clap_text(const JsonFields& fields) {
  const TextConfig defaults{.transformer = {.hidden_size = 768,
                                            .intermediate_size = 3072,
                                            .layer_count = 12,
                                            .head_count = 12,
                                            .activation = Activation::kGelu,
                                            .layer_norm_eps = 1e-12},
                            .vocabulary_size = 50265,
                            .position_count = 514};
  ClapTextConfig config{read_text(fields, defaults)};
  config.pad_token_id = fields.integer("pad_token_id", 1, 0, config.vocabulary_size - 1);
  config.token_type_count = fields.integer("type_vocab_size", 1, 1, kMaximumVocabulary);
  const auto usable = config.position_count - config.pad_token_id - 1;
  if (usable < 2) {
    fields.refuse("max_position_embeddings",
                  fmt::format("is {}, which leaves no room for text: positions begin at {}",
                              config.position_count, config.pad_token_id + 1));
  }
  config.position_count = static_cast<int>(usable);
  if (fields.string("position_embedding_type", "absolute") != "absolute") {
    fields.refuse("position_embedding_type", "is not \"absolute\", the only kind that is known",
                  ErrorCode::kUnsupported);
  }
  return config;
}

}  // namespace

ClapConfig parse_clap_config(const Json& json, const std::string& origin) {
  const JsonFields top(json, origin);
  ClapConfig config;
  config.audio = read_htsat(top.below("audio_config"));
  config.text = read_clap_text(top.below("text_config"));
  config.projection_dim = top.integer("projection_dim", config.projection_dim, 1, kMaximumWidth);
  config.projection_activation =
      parse_activation(top.string("projection_hidden_act", to_string(config.projection_activation)),
                       top.place("projection_hidden_act"));
  return config;
}

}  // namespace clipclap::checkpoint
