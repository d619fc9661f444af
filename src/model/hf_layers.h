// Transformer layers under the names that Hugging Face's CLIP and SigLIP give them.
#pragma once

#include "checkpoint/model_config.h"
#include "model/blocks/transformer.h"
#include "model/weights.h"

namespace clipclap::model {

/// Reads `fc1` and `fc2`.
MlpWeights load_hf_mlp(const Weights& weights, std::int64_t width, std::int64_t inner);

/// Reads `layers.0.*` … below `weights`: layer_norm1, self_attn.{q,k,v,out}_proj, layer_norm2,
/// mlp.fc1, mlp.fc2.
Transformer load_hf_transformer(const Weights& weights, const checkpoint::TransformerConfig& config,
                                bool causal);

}  // namespace clipclap::model
