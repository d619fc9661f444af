#include "checkpoint/msclap_config.h"

#include <fmt/format.h>

#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

using SoundTower = MsclapConfig::SoundTower;
using TextTower = MsclapConfig::TextTower;

constexpr TransformerConfig kBase{.hidden_size = 768,
                                  .intermediate_size = 3072,
                                  .layer_count = 12,
                                  .head_count = 12,
                                  .activation = Activation::kGelu,
                                  .layer_norm_eps = 1e-12};

void read_towers(MsclapConfig& config, const JsonFields& top) {
  const auto sound = top.string("audioenc_name", "HTSAT");
  if (sound != "HTSAT" && sound != "Cnn14") {
    top.refuse("audioenc_name", fmt::format("is {}; known are HTSAT and Cnn14", quote(sound)),
               ErrorCode::kUnsupported);
  }
  config.sound_tower = sound == "HTSAT" ? SoundTower::kHtsat : SoundTower::kCnn14;
  const auto text = top.string("text_model", "gpt2");
  if (text != "gpt2" && text != "bert-base-uncased") {
    top.refuse("text_model",
               fmt::format("is {}; known are gpt2 and bert-base-uncased", quote(text)),
               ErrorCode::kUnsupported);
  }
  config.text_tower = text == "gpt2" ? TextTower::kGpt2 : TextTower::kBert;
}

void read_sounds(MsclapConfig& config, const JsonFields& top) {
  constexpr int kHighestRate = 1 << 20;
  config.sample_rate = top.integer("sampling_rate", config.sample_rate, 1, kHighestRate);
  config.window_seconds = top.integer("duration", config.window_seconds, 1, 3600);
  config.frame_length = top.integer("window_size", config.frame_length, 2, 1 << 16);
  config.hop_length = top.integer("hop_size", config.hop_length, 1, kHighestRate);
  config.mel_count = top.integer("mel_bins", config.mel_count, 1, 1 << 12);
  config.sound_width = top.integer("out_emb", config.sound_width, 1, kMaximumWidth);
  const auto frames = std::int64_t{config.sample_rate} * config.window_seconds / config.hop_length;
  if (config.sound_tower != SoundTower::kHtsat) return;
  config.htsat = read_htsat(top.below("audio_config"));
  config.htsat.mel_count = config.mel_count;
  if (config.sound_width != config.htsat.output_width() ||
      frames + 1 > config.htsat.frame_count()) {
    top.refuse("out_emb", fmt::format("is {} and a window has {} frames, but the audio tower is {} "
                                      "wide and has room for {}",
                                      config.sound_width, frames + 1, config.htsat.output_width(),
                                      config.htsat.frame_count()));
  }
}

// GPT-2's names (transformers, models/gpt2/configuration_gpt2.py).
TextConfig read_gpt2(const JsonFields& fields) {
  TextConfig config;
  auto& transformer = config.transformer;
  transformer.hidden_size = fields.integer("n_embd", 768, 1, kMaximumWidth);
  transformer.layer_count = fields.integer("n_layer", 12, 1, kMaximumLayers);
  transformer.head_count = fields.integer("n_head", 12, 1, kMaximumWidth);
  transformer.intermediate_size = fields.find_given("n_inner") == nullptr
                                      ? 4 * transformer.hidden_size
                                      : fields.integer("n_inner", 0, 1, kMaximumInnerWidth);
  if (transformer.hidden_size % transformer.head_count != 0) {
    fields.refuse("n_head", fmt::format("is {}, which does not divide n_embd, {}",
                                        transformer.head_count, transformer.hidden_size));
  }
  transformer.activation = parse_activation(fields.string("activation_function", "gelu_new"),
                                            fields.place("activation_function"));
  transformer.layer_norm_eps = fields.number("layer_norm_epsilon", 1e-5);
  config.vocabulary_size = fields.integer("vocab_size", 50257, 1, kMaximumVocabulary);
  config.position_count = fields.integer("n_positions", 1024, 1, kMaximumTokens);
  return config;
}

void read_texts(MsclapConfig& config, const JsonFields& top) {
  const auto fields = top.below("text_config");
  config.text =
      config.text_tower == TextTower::kGpt2
          ? read_gpt2(fields)
          : read_text(fields,
                      {.transformer = kBase, .vocabulary_size = 30522, .position_count = 512});
  config.text_length = top.integer("text_len", config.text_length, 3, config.text.position_count);
  const int width =
      top.integer("transformer_embed_dim", config.text.transformer.hidden_size, 1, kMaximumWidth);
  if (width != config.text.transformer.hidden_size) {
    top.refuse("transformer_embed_dim", fmt::format("is {}, but the text tower is {} wide", width,
                                                    config.text.transformer.hidden_size));
  }
}

}  // namespace

MsclapConfig parse_msclap_config(const Json& json, const std::string& origin) {
  const JsonFields top(json, origin);
  MsclapConfig config;
  read_towers(config, top);
  read_sounds(config, top);
  read_texts(config, top);
  config.projection_dim = top.integer("d_proj", config.projection_dim, 1, kMaximumWidth);
  return config;
}

Json msclap_2022_config() {
  return {{"text_model", "bert-base-uncased"},
          {"text_len", 100},
          {"audioenc_name", "Cnn14"},
          {"out_emb", 2048},
          {"duration", 5}};
}

}  // namespace clipclap::checkpoint
