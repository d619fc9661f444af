#include "model/clip/clip_towers.h"

#include "model/text_tower.h"
#include "model/transformer_layers.h"
#include "model/vit_tower.h"

namespace clipclap::model {
namespace {

// Configs that OpenAI's checkpoints were first published with say eos_token_id 2, which is not
// their end token: there the end is the highest id (CLIPTextTransformer.forward).
checkpoint::TextPool text_pool(const checkpoint::ClipTextConfig& config) {
  constexpr std::int64_t kLegacyEos = 2;
  return config.eos_token_id == kLegacyEos ? checkpoint::TextPool::kLargestId
                                           : checkpoint::TextPool::kEndToken;
}

}  // namespace

std::unique_ptr<const PictureTower> make_clip_picture_tower(
    const Weights& weights, const checkpoint::ClipConfig& config,
    const media::Preprocessing& preprocessing) {
  const auto& transformer = config.vision.transformer;
  const std::int64_t width = transformer.hidden_size;
  const std::int64_t patch_size = config.vision.patch_size;
  const std::int64_t side = config.vision.patches_a_side();
  const auto vision = weights.below("vision_model");
  const auto embeddings = vision.below("embeddings");
  return make_vit_tower(
      {.patch_embedding = PatchEmbedding(
           embeddings.exact("patch_embedding.weight", {width, 3, patch_size, patch_size}),
           at::Tensor(), preprocessing, weights.options(), weights.products()),
       .class_embedding = embeddings.tensor("class_embedding", {width}),
       .position_embedding =
           embeddings.tensor("position_embedding.weight", {1 + side * side, width}),
       .pre_norm = LayerNorm(vision, "pre_layrnorm", transformer),
       .reader = {
           .transformer =
               load_transformer(vision.below("encoder"), transformer, false, kHuggingFaceLayers),
           .norm = LayerNorm(vision, "post_layernorm", transformer),
           .projection = Linear(
               weights.tensor("visual_projection.weight", {config.projection_dim, width}), {})}});
}

std::unique_ptr<const TextTower> make_clip_text_tower(const Weights& weights,
                                                      const checkpoint::ClipConfig& config) {
  const auto& transformer = config.text.transformer;
  const std::int64_t width = transformer.hidden_size;
  const auto text = weights.below("text_model");
  const auto embeddings = text.below("embeddings");
  return make_text_tower(
      {.token_embedding =
           embeddings.tensor("token_embedding.weight", {config.text.vocabulary_size, width}),
       .position_embedding =
           embeddings.tensor("position_embedding.weight", {config.text.position_count, width}),
       .transformer =
           load_transformer(text.below("encoder"), transformer, true, kHuggingFaceLayers),
       .final_norm = LayerNorm(text, "final_layer_norm", transformer),
       .pool = text_pool(config.text),
       .end_id = config.text.eos_token_id,
       .projection =
           Linear(weights.tensor("text_projection.weight", {config.projection_dim, width}), {})});
}

}  // namespace clipclap::model
