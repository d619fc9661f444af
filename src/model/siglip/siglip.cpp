#include "model/siglip/siglip.h"

#include <cmath>
#include <utility>

#include "checkpoint/preprocessing_config.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/siglip_config.h"
#include "model/siglip/siglip_towers.h"
#include "model/text_side.h"
#include "model/tower_info.h"
#include "model/weights.h"

namespace clipclap::model {
namespace {

media::Preprocessing read_preprocessing(const Checkpoint& checkpoint,
                                        const checkpoint::SiglipConfig& config) {
  if (config.keeps_shape()) {
    return checkpoint::parse_flexible_preprocessing(checkpoint.files, config.vision.patch_size);
  }
  return checkpoint::parse_preprocessing(checkpoint.files, config.vision.image_size,
                                         "SiglipImageProcessor");
}

}  // namespace

bool recognizes_siglip(const Checkpoint& checkpoint) {
  return checkpoint::read_model_type(checkpoint.config) == "siglip";
}

bool recognizes_siglip_naflex(const Checkpoint& checkpoint) {
  return checkpoint::read_model_type(checkpoint.config) == "siglip2";
}

DualEncoder load_siglip(const Checkpoint& checkpoint) {
  const auto& files = checkpoint.files;
  const auto config = checkpoint::parse_siglip_config(checkpoint.config, checkpoint.origin);
  auto text = load_text_side(files, config.text);
  // The tower looks at every position and pools the last one: texts are always padded to the end.
  text.layout.length = static_cast<std::size_t>(config.text.position_count);
  text.layout.padding_matters = true;
  const auto preprocessing = read_preprocessing(checkpoint, config);

  checkpoint::TensorMap tensors(files);
  const Weights weights(tensors, checkpoint.arithmetic);
  ModelInfo info;
  describe_pictures(info, config.vision);
  describe_texts(info, config.text.transformer);
  describe_tensors(info, tensors);
  info.embedding_dimension = config.vision.transformer.hidden_size;
  if (config.keeps_shape()) info.patch_limit = preprocessing.patch_limit;

  text.tower = make_siglip_text_tower(weights.for_texts(), config);
  PictureSide picture{preprocessing, make_siglip_picture_tower(weights, config, preprocessing)};
  const ScoreRule score{.kind = ScoreRule::Kind::kSigmoid,
                        .logit_scale = std::exp(weights.scalar("logit_scale")),
                        .logit_bias = weights.scalar("logit_bias")};
  warn_of_unused(tensors, files.name());
  return {.info = std::move(info),
          .files = files,
          .text = std::move(text),
          .picture = std::move(picture),
          .sound = std::nullopt,
          .score = score};
}

}  // namespace clipclap::model
