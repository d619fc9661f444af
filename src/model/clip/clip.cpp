#include "model/clip/clip.h"

#include <cmath>
#include <utility>

#include "checkpoint/clip_config.h"
#include "checkpoint/preprocessing_config.h"
#include "checkpoint/safetensors.h"
#include "model/clip/clip_towers.h"
#include "model/text_side.h"
#include "model/tower_info.h"
#include "model/weights.h"

namespace clipclap::model {

bool recognizes_clip(const Checkpoint& checkpoint) {
  return checkpoint::read_model_type(checkpoint.config) == "clip";
}

DualEncoder load_clip(const Checkpoint& checkpoint) {
  const auto& files = checkpoint.files;
  const auto config = checkpoint::parse_clip_config(checkpoint.config, checkpoint.origin);
  auto text = load_text_side(files, config.text);
  const auto preprocessing = checkpoint::parse_preprocessing(files, config.vision.image_size);

  checkpoint::TensorMap tensors(files);
  const Weights weights(tensors, checkpoint.arithmetic);
  ModelInfo info;
  describe_pictures(info, config.vision);
  describe_texts(info, config.text.transformer);
  describe_tensors(info, tensors);
  info.embedding_dimension = config.projection_dim;

  text.tower = make_clip_text_tower(weights.for_texts(), config);
  PictureSide picture{preprocessing, make_clip_picture_tower(weights, config, preprocessing)};
  const ScoreRule score{.logit_scale = std::exp(weights.scalar("logit_scale"))};
  warn_of_unused(tensors, files.name());
  return {.info = std::move(info),
          .files = files,
          .text = std::move(text),
          .picture = std::move(picture),
          .sound = std::nullopt,
          .score = score};
}

}  // namespace clipclap::model
