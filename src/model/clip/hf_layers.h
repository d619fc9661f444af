// Transformer layers under the names that Hugging Face's CLIP-like towers give them.
#pragma once

#include "checkpoint/clip_config.h"
#include "model/blocks/transformer.h"
#include "model/weights.h"

namespace clipclap::model {

/// Reads `layers.0.*` … below `weights`: layer_norm1, self_attn.{q,k,v,out}_proj, layer_norm2,
/// mlp.fc1, mlp.fc2.
Transformer load_hf_transformer(const Weights& weights, const checkpoint::TransformerConfig& config,
                                bool causal);

}  // namespace clipclap::model
