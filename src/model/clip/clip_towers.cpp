#include "model/clip/clip_towers.h"

#include <utility>

#include <ATen/ATen.h>

#include "model/blocks/patch_embedding.h"
#include "model/blocks/transformer.h"
#include "model/hf_layers.h"

namespace clipclap::model {
namespace {

struct PictureParts {
  PatchEmbedding patch_embedding;
  at::Tensor class_embedding;     ///< [width]
  at::Tensor position_embedding;  ///< [1 + patches, width]
  LayerNorm pre_norm;
  Transformer transformer;
  LayerNorm post_norm;
  Linear projection;
};

class ClipPictureTower final : public PictureTower {
 public:
  explicit ClipPictureTower(PictureParts parts) : parts_(std::move(parts)) {}

  at::Tensor encode(const at::Tensor& pixels) const override {
    const auto patches = parts_.patch_embedding(pixels);
    const auto class_tokens = parts_.class_embedding.expand({patches.size(0), 1, -1});
    const auto states = at::cat({class_tokens, patches}, 1).add_(parts_.position_embedding);
    const auto pooled = parts_.transformer(parts_.pre_norm(states), Readout::kFirstToken);
    return parts_.projection(parts_.post_norm(pooled.squeeze(1)));
  }

 private:
  PictureParts parts_;
};

struct TextParts {
  at::Tensor token_embedding;     ///< [vocabulary, width]
  at::Tensor position_embedding;  ///< [positions, width]
  Transformer transformer;
  LayerNorm final_norm;
  Linear projection;
  std::int64_t eos_token_id;
};

class ClipTextTower final : public TextTower {
 public:
  explicit ClipTextTower(TextParts parts) : parts_(std::move(parts)) {}

  at::Tensor encode(const at::Tensor& ids, const at::Tensor& /*mask*/) const override {
    const auto positions = parts_.position_embedding.narrow(0, 0, ids.size(1));
    auto states = at::embedding(parts_.token_embedding, ids) + positions;
    states = parts_.transformer(std::move(states), Readout::kAllTokens);
    const auto pooled = states.index({at::arange(ids.size(0), at::kLong), end_positions(ids)});
    return parts_.projection(parts_.final_norm(pooled));
  }

 private:
  // Configs that OpenAI's checkpoints were first published with say eos_token_id 2, which is not
  // their end token: there the end is the highest id (CLIPTextTransformer.forward).
  at::Tensor end_positions(const at::Tensor& ids) const {
    constexpr std::int64_t kLegacyEos = 2;
    if (parts_.eos_token_id == kLegacyEos) return ids.argmax(-1);
    return ids.eq(parts_.eos_token_id).to(at::kInt).argmax(-1);
  }

  TextParts parts_;
};

}  // namespace

std::unique_ptr<const PictureTower> make_clip_picture_tower(
    const Weights& weights, const checkpoint::ClipConfig& config,
    const media::Preprocessing& preprocessing) {
  const auto& [transformer, image_size, patch_size] = config.vision;
  const std::int64_t width = transformer.hidden_size;
  const std::int64_t patches_a_side = image_size / patch_size;
  const auto vision = weights.below("vision_model");
  const auto embeddings = vision.below("embeddings");
  return std::make_unique<ClipPictureTower>(PictureParts{
      .patch_embedding = PatchEmbedding(
          embeddings.exact("patch_embedding.weight", {width, 3, patch_size, patch_size}),
          at::Tensor(), preprocessing, weights.type()),
      .class_embedding = embeddings.tensor("class_embedding", {width}),
      .position_embedding = embeddings.tensor("position_embedding.weight",
                                              {1 + patches_a_side * patches_a_side, width}),
      .pre_norm = LayerNorm(vision, "pre_layrnorm", width, transformer.layer_norm_eps),
      .transformer = load_hf_transformer(vision.below("encoder"), transformer, false),
      .post_norm = LayerNorm(vision, "post_layernorm", width, transformer.layer_norm_eps),
      .projection =
          Linear(weights.tensor("visual_projection.weight", {config.projection_dim, width}), {})});
}

std::unique_ptr<const TextTower> make_clip_text_tower(const Weights& weights,
                                                      const checkpoint::ClipConfig& config) {
  const auto& transformer = config.text.transformer;
  const std::int64_t width = transformer.hidden_size;
  const auto text = weights.below("text_model");
  const auto embeddings = text.below("embeddings");
  return std::make_unique<ClipTextTower>(TextParts{
      .token_embedding =
          embeddings.tensor("token_embedding.weight", {config.text.vocabulary_size, width}),
      .position_embedding =
          embeddings.tensor("position_embedding.weight", {config.text.position_count, width}),
      .transformer = load_hf_transformer(text.below("encoder"), transformer, true),
      .final_norm = LayerNorm(text, "final_layer_norm", width, transformer.layer_norm_eps),
      .projection =
          Linear(weights.tensor("text_projection.weight", {config.projection_dim, width}), {}),
      .eos_token_id = config.text.eos_token_id});
}

}  // namespace clipclap::model
