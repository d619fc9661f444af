#include "model/transformer_layers.h"

#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace clipclap::model {
namespace {

// One tensor for the three projections, as torch.nn.MultiheadAttention has it.
AttentionWeights split(const at::Tensor& weight, const at::Tensor& bias, const Weights& output,
                       std::int64_t width) {
  const auto part = [&](const at::Tensor& joined, int index) {
    return joined.narrow(0, index * width, width);
  };
  return {part(weight, 0),
          part(bias, 0),
          part(weight, 1),
          part(bias, 1),
          part(weight, 2),
          part(bias, 2),
          output.tensor("weight", {width, width}),
          output.tensor("bias", {width})};
}

AttentionWeights load_hf_attention(const Weights& layer,
                                   const checkpoint::TransformerConfig& config) {
  const std::int64_t width = config.hidden_size;
  const auto weights = layer.below("self_attn");
  const auto weight = [&](const char* name) {
    return weights.below(name).tensor("weight", {width, width});
  };
  const auto bias = [&](const char* name) { return weights.below(name).tensor("bias", {width}); };
  return {weight("q_proj"), bias("q_proj"), weight("k_proj"),   bias("k_proj"),
          weight("v_proj"), bias("v_proj"), weight("out_proj"), bias("out_proj")};
}

AttentionWeights load_bert_attention(const Weights& layer,
                                     const checkpoint::TransformerConfig& config) {
  const std::int64_t width = config.hidden_size;
  const auto self = layer.below("attention.self");
  const auto output = layer.below("attention.output.dense");
  const auto weight = [&](const char* name) {
    return self.below(name).tensor("weight", {width, width});
  };
  const auto bias = [&](const char* name) {
    return config.qkv_bias ? self.below(name).tensor("bias", {width}) : at::Tensor();
  };
  return {weight("query"),
          bias("query"),
          weight("key"),
          bias("key"),
          weight("value"),
          bias("value"),
          output.tensor("weight", {width, width}),
          output.tensor("bias", {width})};
}

AttentionWeights load_open_clip_attention(const Weights& layer,
                                          const checkpoint::TransformerConfig& config) {
  const std::int64_t width = config.hidden_size;
  const auto weights = layer.below("attn");
  return split(weights.tensor("in_proj_weight", {3 * width, width}),
               weights.tensor("in_proj_bias", {3 * width}), weights.below("out_proj"), width);
}

AttentionWeights load_timm_attention(const Weights& layer,
                                     const checkpoint::TransformerConfig& config) {
  const std::int64_t width = config.hidden_size;
  const auto weights = layer.below("attn");
  return split(weights.tensor("qkv.weight", {3 * width, width}),
               weights.tensor("qkv.bias", {3 * width}), weights.below("proj"), width);
}

// γ·(W·x + b) = (γ·W)·x + γ·b: LayerScale costs nothing once it is part of the product.
void scale(at::Tensor& weight, at::Tensor& bias, const at::Tensor& factors) {
  const auto here = factors.to(weight.device());
  weight = (weight.to(at::kFloat) * here.unsqueeze(1)).to(weight.scalar_type());
  bias = (bias.to(at::kFloat) * here).to(bias.scalar_type());
}

}  // namespace

TransformerLayer load_layer(const Weights& layer, const checkpoint::TransformerConfig& config,
                            bool causal, const LayerNames& names) {
  const std::int64_t width = config.hidden_size;
  auto attention = names.load_attention(layer, config);
  auto mlp = load_mlp(layer, names.mlp_in, names.mlp_out, width, config.intermediate_size);
  attention.products = mlp.products = layer.products();
  if (config.layer_scale) {
    scale(attention.output_weight, attention.output_bias,
          layer.exact(names.attention_scale, {width}));
    scale(mlp.out_weight, mlp.out_bias, layer.exact(names.mlp_scale, {width}));
  }
  return {LayerNorm(layer, names.attention_norm, config),
          SelfAttention(attention, config.head_count, causal),
          LayerNorm(layer, names.mlp_norm, config), Mlp(mlp, config.activation)};
}

const LayerNames kHuggingFaceLayers{.list = "layers",
                                    .attention_norm = "layer_norm1",
                                    .load_attention = load_hf_attention,
                                    .mlp_norm = "layer_norm2",
                                    .mlp_in = "mlp.fc1",
                                    .mlp_out = "mlp.fc2"};

const LayerNames kOpenClipLayers{.list = "resblocks",
                                 .attention_norm = "ln_1",
                                 .load_attention = load_open_clip_attention,
                                 .mlp_norm = "ln_2",
                                 .mlp_in = "mlp.c_fc",
                                 .mlp_out = "mlp.c_proj",
                                 .attention_scale = "ls_1.gamma",
                                 .mlp_scale = "ls_2.gamma"};

const LayerNames kTimmLayers{.list = "blocks",
                             .attention_norm = "norm1",
                             .load_attention = load_timm_attention,
                             .mlp_norm = "norm2",
                             .mlp_in = "mlp.fc1",
                             .mlp_out = "mlp.fc2"};

const LayerNames kBertLayers{.list = "layer",
                             .attention_norm = "attention.output.LayerNorm",
                             .load_attention = load_bert_attention,
                             .mlp_norm = "output.LayerNorm",
                             .mlp_in = "intermediate.dense",
                             .mlp_out = "output.dense",
                             .norms = NormPlace::kAfter};

const LayerNames kClapAudioLayers{.list = "blocks",
                                  .attention_norm = "layernorm_before",
                                  .load_attention = load_bert_attention,
                                  .mlp_norm = "layernorm_after",
                                  .mlp_in = "intermediate.dense",
                                  .mlp_out = "output.dense"};

MlpWeights load_mlp(const Weights& weights, std::string_view in, std::string_view out,
                    std::int64_t width, std::int64_t inner) {
  const auto first = weights.below(in);
  const auto second = weights.below(out);
  return {first.tensor("weight", {inner, width}), first.tensor("bias", {inner}),
          second.tensor("weight", {width, inner}), second.tensor("bias", {width})};
}

Transformer load_transformer(const Weights& weights, const checkpoint::TransformerConfig& config,
                             bool causal, const LayerNames& names) {
  std::vector<TransformerLayer> layers;
  layers.reserve(static_cast<std::size_t>(config.layer_count));
  for (int i = 0; i < config.layer_count; ++i) {
    layers.push_back(load_layer(weights.below(names.list, i), config, causal, names));
  }
  return Transformer(std::move(layers), names.norms);
}

}  // namespace clipclap::model
