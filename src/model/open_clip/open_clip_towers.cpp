#include "model/open_clip/open_clip_towers.h"

#include <optional>

#include <ATen/core/Tensor.h>
#include <ATen/ops/linear.h>

#include "model/text_tower.h"
#include "model/transformer_layers.h"
#include "model/vit_tower.h"

namespace clipclap::model {
namespace {

using checkpoint::PicturePool;
using checkpoint::Projection;

/// From `width` to the embedding. `name` is that of the matrix or of the layer.
std::optional<Linear> load_projection(const Weights& weights, std::string_view name,
                                      Projection projection, std::int64_t width,
                                      std::int64_t dimension) {
  const auto layer = weights.below(name);
  switch (projection) {
    case Projection::kNone:
      return std::nullopt;
    case Projection::kMatrix:
      return Linear(weights.tensor(name, {width, dimension}).t(), {});
    case Projection::kLinear:
      return Linear(layer.tensor("weight", {dimension, width}), {});
    case Projection::kLinearWithBias:
    case Projection::kTimmClassifier:
      return Linear(layer.tensor("weight", {dimension, width}), layer.tensor("bias", {dimension}));
  }
  TORCH_INTERNAL_ASSERT(false);
}

PatchEmbedding load_patch_embedding(const Weights& weights,
                                    const checkpoint::OpenClipVisionConfig& config,
                                    const media::Preprocessing& preprocessing) {
  const std::int64_t width = config.transformer.hidden_size;
  const std::int64_t patch_size = config.patch_size;
  const auto bias = config.patch_bias ? weights.exact("bias", {width}) : at::Tensor();
  return PatchEmbedding(weights.exact("weight", {width, 3, patch_size, patch_size}), bias,
                        preprocessing, weights.options(), weights.products());
}

std::int64_t token_count(const checkpoint::OpenClipVisionConfig& config) {
  const std::int64_t side = config.patches_a_side();
  return side * side + (config.class_token ? 1 : 0);
}

// open_clip, transformer.py, VisionTransformer.
VitParts load_native_vit(const Weights& visual, const checkpoint::OpenClipVisionConfig& config,
                         const media::Preprocessing& preprocessing, std::int64_t dimension) {
  const auto& transformer = config.transformer;
  const std::int64_t width = transformer.hidden_size;
  VitParts parts{
      .patch_embedding = load_patch_embedding(visual.below("conv1"), config, preprocessing),
      .class_embedding = visual.tensor("class_embedding", {width}),
      .position_embedding = visual.tensor("positional_embedding", {token_count(config), width}),
      .reader = {
          .transformer =
              load_transformer(visual.below("transformer"), transformer, false, kOpenClipLayers),
          .norm = LayerNorm(visual, "ln_post", transformer),
          .projection = load_projection(visual, "proj", config.projection, width, dimension)}};
  if (config.pre_norm) parts.pre_norm = LayerNorm(visual, "ln_pre", transformer);
  return parts;
}

// timm, layers/attention_pool.py, AttentionPoolLatent.
AttentionPool load_timm_pool(const Weights& weights, const checkpoint::TransformerConfig& config) {
  const std::int64_t width = config.hidden_size;
  const auto latent = weights.tensor("latent", {1, 1, width});
  return AttentionPool({.query = at::linear(latent, weights.tensor("q.weight", {width, width}),
                                            weights.tensor("q.bias", {width})),
                        .key_value_weight = weights.tensor("kv.weight", {2 * width, width}),
                        .key_value_bias = weights.tensor("kv.bias", {2 * width}),
                        .output_weight = weights.tensor("proj.weight", {width, width}),
                        .output_bias = weights.tensor("proj.bias", {width})},
                       config.head_count, LayerNorm(weights, "norm", config),
                       Mlp(load_mlp(weights, "mlp.fc1", "mlp.fc2", width, config.intermediate_size),
                           config.activation));
}

// timm, models/vision_transformer.py, VisionTransformer.
VitParts load_timm_vit(const Weights& visual, const checkpoint::OpenClipVisionConfig& config,
                       const media::Preprocessing& preprocessing, std::int64_t dimension) {
  const auto& transformer = config.transformer;
  const std::int64_t width = transformer.hidden_size;
  const auto trunk = visual.below("trunk");
  const bool in_trunk = config.projection == Projection::kTimmClassifier;
  VitParts parts{
      .patch_embedding =
          load_patch_embedding(trunk.below("patch_embed.proj"), config, preprocessing),
      .position_embedding = trunk.tensor("pos_embed", {1, token_count(config), width}).squeeze(0),
      .reader = {.transformer = load_transformer(trunk, transformer, false, kTimmLayers),
                 .norm = LayerNorm(trunk, config.norm_after_pool ? "fc_norm" : "norm", transformer),
                 .projection = load_projection(visual, in_trunk ? "trunk.head" : "head.proj",
                                               config.projection, width, dimension)}};
  if (config.class_token) {
    parts.class_embedding = trunk.tensor("cls_token", {1, 1, width}).view({width});
  }
  if (config.pre_norm) parts.pre_norm = LayerNorm(trunk, "norm_pre", transformer);
  if (config.pool == PicturePool::kAttention) {
    parts.reader.attention = load_timm_pool(trunk.below("attn_pool"), transformer);
  }
  return parts;
}

}  // namespace

std::unique_ptr<const PictureTower> make_open_clip_picture_tower(
    const Weights& weights, const checkpoint::OpenClipConfig& config,
    const media::Preprocessing& preprocessing) {
  const auto& vision = config.vision;
  const auto load = vision.is_timm ? load_timm_vit : load_native_vit;
  auto parts = load(weights.below("visual"), vision, preprocessing, config.embedding_dimension);
  parts.reader.pool = vision.pool;
  parts.reader.norm_after_pool = vision.norm_after_pool;
  parts.reader.prefix = vision.class_token ? 1 : 0;
  return make_vit_tower(std::move(parts));
}

std::unique_ptr<const TextTower> make_open_clip_text_tower(
    const Weights& weights, const checkpoint::OpenClipConfig& config) {
  const auto& text = config.text;
  const std::int64_t width = text.transformer.hidden_size;
  const auto tower =
      weights.contains("text.token_embedding.weight") ? weights.below("text") : weights;
  return make_text_tower(
      {.token_embedding = tower.tensor("token_embedding.weight", {text.vocabulary_size, width}),
       .position_embedding = tower.tensor("positional_embedding", {text.position_count, width}),
       .transformer = load_transformer(tower.below("transformer"), text.transformer, text.causal,
                                       kOpenClipLayers),
       .final_norm = LayerNorm(tower, "ln_final", text.transformer),
       .pool = text.pool,
       .end_id = text.end_id,
       .projection = load_projection(tower, "text_projection", text.projection, width,
                                     config.embedding_dimension)});
}

}  // namespace clipclap::model
