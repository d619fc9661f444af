#include "model/bert_layers.h"

#include <utility>
#include <vector>

namespace clipclap::model {
namespace {

AttentionWeights load_attention(const Weights& weights, std::int64_t width) {
  const auto self = weights.below("self");
  const auto output = weights.below("output.dense");
  const auto weight = [&](const char* name) {
    return self.below(name).tensor("weight", {width, width});
  };
  const auto bias = [&](const char* name) { return self.below(name).tensor("bias", {width}); };
  return {weight("query"),
          bias("query"),
          weight("key"),
          bias("key"),
          weight("value"),
          bias("value"),
          output.tensor("weight", {width, width}),
          output.tensor("bias", {width})};
}

MlpWeights load_mlp(const Weights& layer, std::int64_t width, std::int64_t inner) {
  const auto in = layer.below("intermediate.dense");
  const auto out = layer.below("output.dense");
  return {in.tensor("weight", {inner, width}), in.tensor("bias", {inner}),
          out.tensor("weight", {width, inner}), out.tensor("bias", {width})};
}

}  // namespace

Transformer load_bert_transformer(const Weights& weights,
                                  const checkpoint::TransformerConfig& config) {
  const std::int64_t width = config.hidden_size;
  std::vector<TransformerLayer> layers;
  for (int i = 0; i < config.layer_count; ++i) {
    const auto layer = weights.below("layer", i);
    const auto attention = layer.below("attention");
    layers.push_back({LayerNorm(attention, "output.LayerNorm", width, config.layer_norm_eps),
                      SelfAttention(load_attention(attention, width), config.head_count, false),
                      LayerNorm(layer, "output.LayerNorm", width, config.layer_norm_eps),
                      Mlp(load_mlp(layer, width, config.intermediate_size), config.activation)});
  }
  return Transformer(std::move(layers), NormPlace::kAfter);
}

}  // namespace clipclap::model
