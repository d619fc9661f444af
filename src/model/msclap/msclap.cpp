#include "model/msclap/msclap.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/msclap_config.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/state_dict.h"
#include "checkpoint/zip_archive.h"
#include "model/msclap/msclap_sound.h"
#include "model/msclap/msclap_text.h"
#include "model/script/script.h"
#include "model/text_layout.h"
#include "model/tower_info.h"
#include "model/weights.h"

namespace clipclap::model {
namespace {

using checkpoint::MsclapConfig;

constexpr std::string_view kGpt2Tensor = "caption_encoder.base.wte.weight";
constexpr std::string_view kCnn14Tensor = "audio_encoder.base.conv_block1.conv1.weight";

bool is_lone(const Checkpoint& checkpoint) { return !checkpoint.files.main_file().empty(); }

// A lone file says by its tensors which year it is of.
MsclapConfig read_config(const Checkpoint& checkpoint, const checkpoint::TensorMap& tensors) {
  auto config = checkpoint.config;
  if (is_lone(checkpoint)) {
    const bool is_2022 = tensors.find(kCnn14Tensor) != nullptr;
    config = is_2022 ? checkpoint::msclap_2022_config() : Json::object();
  }
  return checkpoint::parse_msclap_config(config, checkpoint.origin);
}

checkpoint::CheckpointFiles find_tokenizer(const Checkpoint& checkpoint) {
  if (!checkpoint.script.tokenizer.empty()) {
    return checkpoint::CheckpointFiles::open(checkpoint.script.tokenizer);
  }
  if (checkpoint.files.contains("tokenizer.json")) return checkpoint.files;
  throw Error(
      ErrorCode::kNotFound,
      "msclap's file holds no tokenizer; name the tokenizer.json of openai-community/gpt2 "
      "(for the weights of 2022: of google-bert/bert-base-uncased) with --tokenizer, or copy "
      "it into the folder",
      checkpoint.origin);
}

// The reference turns GPT-2's "!", which it pads with, into a special token (msclap,
// CLAPWrapper.py, load_clap): "!!" is then two of it, not another token.
std::string with_padding_token(std::string_view json, const std::string& origin) {
  auto document = parse_json(json, origin);
  auto& added = document["added_tokens"];
  if (!added.is_array()) return std::string(json);  // the tokenizer says what is wrong
  for (const auto& token : added) {
    if (token.is_object() && token.value("content", Json()) == "!") return std::string(json);
  }
  added.push_back({{"id", 0},
                   {"content", "!"},
                   {"single_word", false},
                   {"lstrip", false},
                   {"rstrip", false},
                   {"normalized", false},
                   {"special", true}});
  return document.dump();
}

TextSide load_text(const Checkpoint& checkpoint, const MsclapConfig& config) {
  const auto files = find_tokenizer(checkpoint);
  const bool is_file =
      !files.main_file().empty() && files.main_file() != checkpoint.files.main_file();
  const auto name = is_file ? files.main_file() : "tokenizer.json";
  const auto origin = files.describe(name);
  const bool is_gpt2 = config.text_tower == MsclapConfig::TextTower::kGpt2;
  const auto json =
      is_gpt2 ? with_padding_token(files.text(name), origin) : std::string(files.text(name));
  auto tokenizer = text::Tokenizer::from_json(json, origin);
  require_vocabulary_fits(tokenizer, config.text.vocabulary_size, origin);
  TextLayout layout{.length = static_cast<std::size_t>(config.text_length)};
  if (is_gpt2) {
    layout.end_token = "<|endoftext|>";
    if (tokenizer.token_to_id("!") != 0 || !tokenizer.token_to_id(layout.end_token)) {
      throw Error(ErrorCode::kInvalidData,
                  "is not GPT-2's: \"!\" is not token 0, or no token "
                  "\"<|endoftext|>\" is there",
                  origin);
    }
  }
  return {std::move(tokenizer), std::move(layout), nullptr};
}

checkpoint::TensorMap open_tensors(const Checkpoint& checkpoint) {
  if (!is_lone(checkpoint)) return checkpoint::TensorMap(checkpoint.files);
  const std::string_view file = checkpoint.files.main_file();
  return checkpoint::TensorMap(checkpoint.files, {&file, 1});
}

ModelInfo describe(const MsclapConfig& config) {
  ModelInfo info;
  if (config.sound_tower == MsclapConfig::SoundTower::kHtsat) {
    describe_sounds(info, config.htsat);
  } else {
    constexpr int kCnn14Layers = 14;
    info.audio_layers = kCnn14Layers;
    info.audio_width = config.sound_width;
  }
  describe_texts(info, config.text.transformer);
  info.embedding_dimension = config.projection_dim;
  return info;
}

}  // namespace

bool recognizes_msclap(const Checkpoint& checkpoint) {
  if (!is_lone(checkpoint)) return checkpoint::read_model_type(checkpoint.config) == "msclap";
  const auto bytes = checkpoint.files.bytes(checkpoint.files.main_file());
  if (!checkpoint::is_zip_archive(bytes) || recognizes_script(checkpoint)) return false;
  const auto tensors = checkpoint::parse_state_dict(bytes, checkpoint.origin);
  return tensors.contains(kGpt2Tensor) || tensors.contains(kCnn14Tensor);
}

DualEncoder load_msclap(const Checkpoint& checkpoint) {
  auto tensors = open_tensors(checkpoint);
  const auto config = read_config(checkpoint, tensors);
  auto text = load_text(checkpoint, config);
  const Weights weights(tensors, checkpoint.type);
  text.tower = make_msclap_text_tower(weights, config);
  SoundSide sound{config.sample_rate, static_cast<double>(config.window_seconds),
                  make_msclap_sound_tower(weights, config)};
  const ScoreRule score{.logit_scale = std::exp(weights.scalar("logit_scale"))};
  auto info = describe(config);
  describe_tensors(info, tensors);
  warn_of_unused(tensors, checkpoint.origin);
  return {.info = std::move(info),
          .files = checkpoint.files,
          .text = std::move(text),
          .picture = std::nullopt,
          .sound = std::move(sound),
          .score = score};
}

}  // namespace clipclap::model
