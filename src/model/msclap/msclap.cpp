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
#include "model/text_side.h"
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
  if (checkpoint::has_tokenizer(checkpoint.files)) return checkpoint.files;
  throw Error(
      ErrorCode::kNotFound,
      "msclap's file holds no tokenizer; name the tokenizer.json of openai-community/gpt2 "
      "(for the weights of 2022: of google-bert/bert-base-uncased) with --tokenizer, or copy "
      "it into the folder",
      checkpoint.origin);
}

TextSide load_text(const Checkpoint& checkpoint, const MsclapConfig& config) {
  auto loaded =
      checkpoint::load_tokenizer(find_tokenizer(checkpoint), checkpoint::TextFamily::kMsclap);
  const bool is_gpt2 = config.text_tower == MsclapConfig::TextTower::kGpt2;
  if (is_gpt2 && loaded.pad_id != 0) {
    throw Error(ErrorCode::kInvalidData,
                "is not GPT-2's: \"!\" is not token 0, or no token \"<|endoftext|>\" is there",
                loaded.origin);
  }
  loaded.pads = true;
  return make_text_side(std::move(loaded), config.text.vocabulary_size, config.text_length);
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
  const Weights weights(tensors, checkpoint.arithmetic);
  text.tower = make_msclap_text_tower(weights.for_texts(), config);
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
