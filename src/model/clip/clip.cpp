#include "model/clip/clip.h"

#include <cmath>
#include <utility>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "base/log.h"
#include "checkpoint/clip_config.h"
#include "checkpoint/safetensors.h"
#include "model/clip/clip_towers.h"
#include "model/text_layout.h"
#include "model/weights.h"

namespace clipclap::model {
namespace {

void describe(ModelInfo& info, const checkpoint::ClipConfig& config,
              const checkpoint::TensorMap& tensors) {
  info.sees = true;
  info.image_size = config.vision.image_size;
  info.patch_size = config.vision.patch_size;
  info.vision_layers = config.vision.transformer.layer_count;
  info.vision_width = config.vision.transformer.hidden_size;
  info.text_layers = config.text.transformer.layer_count;
  info.text_width = config.text.transformer.hidden_size;
  info.embedding_dimension = config.projection_dim;
  info.parameters = tensors.parameter_count();
  info.data_type = checkpoint::to_string(tensors.main_type());
}

void warn_of_unused(const checkpoint::TensorMap& tensors, const std::string& name) {
  for (const auto& tensor : tensors.unused()) {
    log_warning(
        fmt::format("{}: tensor \"{}\" is not part of the model and is left out", name, tensor));
  }
}

}  // namespace

bool recognizes_clip(const checkpoint::CheckpointFiles& /*files*/, const Json& config) {
  return checkpoint::read_model_type(config) == "clip";
}

DualEncoder load_clip(const checkpoint::CheckpointFiles& files, const Json& json) {
  const auto config = checkpoint::parse_clip_config(json, files.describe("config.json"));
  auto tokenizer =
      text::Tokenizer::from_json(files.text("tokenizer.json"), files.describe("tokenizer.json"));
  const auto layout =
      read_text_layout(files, tokenizer, static_cast<std::size_t>(config.text.position_count));
  require_vocabulary_fits(tokenizer, config.text.vocabulary_size, files.describe("tokenizer.json"));
  const auto preprocessing = checkpoint::parse_preprocessing(files, config.vision.image_size);

  checkpoint::TensorMap tensors(files);
  const Weights weights(tensors);
  ModelInfo info;
  describe(info, config, tensors);
  info.text_length = static_cast<int>(layout.length);
  info.tokenizer = tokenizer.description();
  info.score = "softmax";
  info.logit_scale = std::exp(weights.tensor("logit_scale", {}).item<double>());

  DualEncoder encoder{.info = info,
                      .files = files,
                      .tokenizer = std::move(tokenizer),
                      .text_layout = layout,
                      .preprocessing = preprocessing,
                      .score = {.logit_scale = info.logit_scale},
                      .text_tower = make_clip_text_tower(weights, config),
                      .picture_tower = make_clip_picture_tower(weights, config, preprocessing)};
  warn_of_unused(tensors, files.name());
  return encoder;
}

}  // namespace clipclap::model
