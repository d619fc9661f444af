#include "model/open_clip/open_clip.h"

#include <cmath>
#include <utility>

#include "checkpoint/open_clip_config.h"
#include "checkpoint/open_clip_preprocessing.h"
#include "checkpoint/safetensors.h"
#include "model/open_clip/open_clip_text.h"
#include "model/open_clip/open_clip_towers.h"
#include "model/tower_info.h"
#include "model/weights.h"

namespace clipclap::model {
namespace {

// What was saved in the midst of training on several devices bears the wrapper's name.
Weights skip_wrapper(const Weights& weights) {
  return weights.contains("module.logit_scale") ? weights.below("module") : weights;
}

// A bias that the config asks for and the weights lack is 0 (factory.py, load_checkpoint).
ScoreRule read_score(const Weights& weights, bool has_logit_bias) {
  ScoreRule score{.logit_scale = std::exp(weights.scalar("logit_scale"))};
  const bool is_stored = weights.contains("logit_bias");
  if (is_stored || has_logit_bias) score.kind = ScoreRule::Kind::kSigmoid;
  if (is_stored) score.logit_bias = weights.scalar("logit_bias");
  return score;
}

}  // namespace

bool recognizes_open_clip(const Checkpoint& checkpoint) {
  return checkpoint::is_open_clip_config(checkpoint.config);
}

bool recognizes_open_clip_siglip(const Checkpoint& checkpoint) {
  return checkpoint::has_logit_bias(checkpoint.config);
}

DualEncoder load_open_clip(const Checkpoint& checkpoint) {
  const auto& files = checkpoint.files;
  const auto config = checkpoint::parse_open_clip_config(checkpoint.config, checkpoint.origin);
  const auto preprocessing = checkpoint::parse_open_clip_preprocessing(
      checkpoint.config, checkpoint.origin, config.vision.image_size);
  auto text = load_open_clip_text_side(files, config.text);

  checkpoint::TensorMap tensors(files, checkpoint::kOpenClipWeights);
  const auto weights = skip_wrapper(Weights(tensors, checkpoint.arithmetic));
  ModelInfo info;
  describe_pictures(info, config.vision);
  describe_texts(info, config.text.transformer);
  describe_tensors(info, tensors);
  info.embedding_dimension = config.embedding_dimension;

  text.tower = make_open_clip_text_tower(weights.for_texts(), config);
  PictureSide picture{preprocessing, make_open_clip_picture_tower(weights, config, preprocessing)};
  const auto score = read_score(weights, config.has_logit_bias);
  warn_of_unused(tensors, files.name());
  return {.info = std::move(info),
          .files = files,
          .text = std::move(text),
          .picture = std::move(picture),
          .sound = std::nullopt,
          .score = score};
}

}  // namespace clipclap::model
