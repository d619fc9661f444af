// The picture tower of most families: a ViT (Dosovitskiy et al. 2021), its pooling and projection.
#pragma once

#include <memory>
#include <optional>

#include <ATen/core/Tensor.h>

#include "checkpoint/towers_config.h"
#include "model/blocks/attention_pool.h"
#include "model/blocks/linear.h"
#include "model/blocks/norm.h"
#include "model/blocks/patch_embedding.h"
#include "model/blocks/transformer.h"
#include "model/dual_encoder.h"

namespace clipclap::model {

/// What makes an embedding of a picture's tokens. Immutable; any number of threads may call it.
struct VitReader {
  Transformer transformer;
  LayerNorm norm;
  bool norm_after_pool = false;
  checkpoint::PicturePool pool = checkpoint::PicturePool::kClassToken;
  std::int64_t prefix = 0;                   ///< tokens before the patches
  std::optional<AttentionPool> attention{};  ///< for PicturePool::kAttention
  std::optional<Linear> projection{};

  /// [batch, tokens, width] → [batch, dimension].
  at::Tensor operator()(const at::Tensor& states) const;
};

struct VitParts {
  PatchEmbedding patch_embedding;
  at::Tensor class_embedding{};         ///< [width]; undefined where there is no class token
  at::Tensor position_embedding;        ///< [tokens, width], the class token's first
  std::optional<LayerNorm> pre_norm{};  ///< before the layers
  VitReader reader;
};

std::unique_ptr<const PictureTower> make_vit_tower(VitParts parts);

}  // namespace clipclap::model
