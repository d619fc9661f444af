#include "model/siglip/siglip_towers.h"

#include <cmath>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/linear.h>

#include "model/text_tower.h"
#include "model/transformer_layers.h"
#include "model/vit_tower.h"

namespace clipclap::model {
namespace {

// The reference pads every picture to the same number of patches and masks them out; here a batch
// holds pictures of one grid, so that there is nothing to mask.
class FlexiblePictureTower final : public PictureTower {
 public:
  FlexiblePictureTower(PatchEmbedding patch_embedding, VitReader reader, at::Tensor position_grid,
                       std::int64_t patch_size)
      : patch_embedding_(std::move(patch_embedding)),
        reader_(std::move(reader)),
        position_grid_(std::move(position_grid)),
        patch_size_(patch_size) {}

  at::Tensor encode(const at::Tensor& pixels) const override {
    const auto patches = patch_embedding_(pixels);
    const auto positions =
        position_embedding(pixels.size(1) / patch_size_, pixels.size(2) / patch_size_);
    return reader_(patches + positions.to(patches.scalar_type()));
  }

 private:
  // modeling_siglip2.py, resize_positional_embeddings.
  at::Tensor position_embedding(std::int64_t rows, std::int64_t columns) const {
    return at::_upsample_bilinear2d_aa(position_grid_, {rows, columns}, /*align_corners=*/false)
        .flatten(2)
        .transpose(1, 2);
  }

  PatchEmbedding patch_embedding_;
  VitReader reader_;
  at::Tensor position_grid_;  ///< [1, width, side, side] float32
  std::int64_t patch_size_;
};

AttentionPool load_head(const Weights& weights, const checkpoint::TransformerConfig& config) {
  const std::int64_t width = config.hidden_size;
  const auto attention = weights.below("attention");
  const auto weight = attention.tensor("in_proj_weight", {3 * width, width});
  const auto bias = attention.tensor("in_proj_bias", {3 * width});
  const auto probe = weights.tensor("probe", {1, 1, width});
  return AttentionPool(
      {.query = at::linear(probe, weight.narrow(0, 0, width), bias.narrow(0, 0, width)),
       .key_value_weight = weight.narrow(0, width, 2 * width),
       .key_value_bias = bias.narrow(0, width, 2 * width),
       .output_weight = attention.tensor("out_proj.weight", {width, width}),
       .output_bias = attention.tensor("out_proj.bias", {width})},
      config.head_count, LayerNorm(weights, "layernorm", config),
      Mlp(load_mlp(weights, "mlp.fc1", "mlp.fc2", width, config.intermediate_size),
          config.activation));
}

// NaFlex stores the first product as a linear layer over pixels row by row.
at::Tensor load_patch_weight(const Weights& embeddings, const checkpoint::SiglipConfig& config) {
  const std::int64_t width = config.vision.transformer.hidden_size;
  const std::int64_t patch = config.vision.patch_size;
  if (!config.keeps_shape()) {
    return embeddings.exact("patch_embedding.weight", {width, 3, patch, patch});
  }
  return embeddings.exact("patch_embedding.weight", {width, 3 * patch * patch})
      .view({width, patch, patch, 3})
      .permute({0, 3, 1, 2});
}

}  // namespace

std::unique_ptr<const PictureTower> make_siglip_picture_tower(
    const Weights& weights, const checkpoint::SiglipConfig& config,
    const media::Preprocessing& preprocessing) {
  const auto& transformer = config.vision.transformer;
  const std::int64_t width = transformer.hidden_size;
  const auto vision = weights.below("vision_model");
  const auto embeddings = vision.below("embeddings");
  PatchEmbedding patch_embedding(load_patch_weight(embeddings, config),
                                 embeddings.exact("patch_embedding.bias", {width}), preprocessing,
                                 weights.options(), weights.products());
  VitReader reader{.transformer = load_transformer(vision.below("encoder"), transformer, false,
                                                   kHuggingFaceLayers),
                   .norm = LayerNorm(vision, "post_layernorm", transformer),
                   .pool = checkpoint::PicturePool::kAttention,
                   .attention = load_head(vision.below("head"), transformer)};
  if (!config.keeps_shape()) {
    const std::int64_t side = config.vision.patches_a_side();
    return make_vit_tower(
        {.patch_embedding = std::move(patch_embedding),
         .position_embedding = embeddings.tensor("position_embedding.weight", {side * side, width}),
         .reader = std::move(reader)});
  }
  const auto positions =
      embeddings.exact("position_embedding.weight", {config.position_count, width});
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(config.position_count)));
  return std::make_unique<FlexiblePictureTower>(
      std::move(patch_embedding), std::move(reader),
      positions.t().reshape({1, width, side, side}).to(weights.options().device()),
      config.vision.patch_size);
}

std::unique_ptr<const TextTower> make_siglip_text_tower(const Weights& weights,
                                                        const checkpoint::SiglipConfig& config) {
  const auto& transformer = config.text.transformer;
  const std::int64_t width = transformer.hidden_size;
  const std::int64_t projection = config.vision.transformer.hidden_size;
  const auto text = weights.below("text_model");
  const auto embeddings = text.below("embeddings");
  return make_text_tower({.token_embedding = embeddings.tensor(
                              "token_embedding.weight", {config.text.vocabulary_size, width}),
                          .position_embedding = embeddings.tensor(
                              "position_embedding.weight", {config.text.position_count, width}),
                          .transformer = load_transformer(text.below("encoder"), transformer, false,
                                                          kHuggingFaceLayers),
                          .final_norm = LayerNorm(text, "final_layer_norm", transformer),
                          .pool = checkpoint::TextPool::kLast,
                          .projection = Linear(text.tensor("head.weight", {projection, width}),
                                               text.tensor("head.bias", {projection}))});
}

}  // namespace clipclap::model
