#include "model/hf_layers.h"

#include <utility>

namespace clipclap::model {
namespace {

AttentionWeights load_attention(const Weights& weights, std::int64_t width) {
  const auto weight = [&](const char* name) {
    return weights.below(name).tensor("weight", {width, width});
  };
  const auto bias = [&](const char* name) { return weights.below(name).tensor("bias", {width}); };
  return {weight("q_proj"), bias("q_proj"), weight("k_proj"),   bias("k_proj"),
          weight("v_proj"), bias("v_proj"), weight("out_proj"), bias("out_proj")};
}

}  // namespace

MlpWeights load_hf_mlp(const Weights& weights, std::int64_t width, std::int64_t inner) {
  return {weights.tensor("fc1.weight", {inner, width}), weights.tensor("fc1.bias", {inner}),
          weights.tensor("fc2.weight", {width, inner}), weights.tensor("fc2.bias", {width})};
}

Transformer load_hf_transformer(const Weights& weights, const checkpoint::TransformerConfig& config,
                                bool causal) {
  const std::int64_t width = config.hidden_size;
  std::vector<TransformerLayer> layers;
  layers.reserve(static_cast<std::size_t>(config.layer_count));
  for (int i = 0; i < config.layer_count; ++i) {
    const auto layer = weights.below("layers", i);
    layers.push_back(
        {LayerNorm(layer, "layer_norm1", width, config.layer_norm_eps),
         SelfAttention(load_attention(layer.below("self_attn"), width), config.head_count, causal),
         LayerNorm(layer, "layer_norm2", width, config.layer_norm_eps),
         Mlp(load_hf_mlp(layer.below("mlp"), width, config.intermediate_size), config.activation)});
  }
  return Transformer(std::move(layers));
}

}  // namespace clipclap::model
