#include "model/htsat/htsat.h"

#include <optional>
#include <tuple>
#include <utility>

#include <ATen/ATen.h>

namespace clipclap::model {
namespace {

constexpr double kNormEps = 1e-5;

AttentionWeights load_attention(const Weights& layer, std::int64_t width,
                                const checkpoint::HtsatConfig& config, const HtsatNames& names) {
  const auto attention = layer.below(names.attention);
  const auto output = layer.below(names.output);
  AttentionWeights result;
  result.output_weight = output.tensor("weight", {width, width});
  result.output_bias = output.tensor("bias", {width});
  const auto load = [&](std::string_view name, at::Tensor& weight, at::Tensor& bias) {
    weight = attention.below(name).tensor("weight", {width, width});
    if (config.qkv_bias) bias = attention.below(name).tensor("bias", {width});
  };
  if (!names.joined_projections) {
    load("query", result.query_weight, result.query_bias);
    load("key", result.key_weight, result.key_bias);
    load("value", result.value_weight, result.value_bias);
    return result;
  }
  const auto weight = attention.tensor("qkv.weight", {3 * width, width}).chunk(3);
  const auto bias = attention.tensor("qkv.bias", {3 * width}).chunk(3);
  std::tie(result.query_weight, result.query_bias) = std::pair(weight[0], bias[0]);
  std::tie(result.key_weight, result.key_bias) = std::pair(weight[1], bias[1]);
  std::tie(result.value_weight, result.value_bias) = std::pair(weight[2], bias[2]);
  return result;
}

SwinLayer load_layer(const Weights& layer, std::size_t stage, const checkpoint::HtsatConfig& config,
                     const HtsatNames& names) {
  const std::int64_t width = config.width(stage);
  const std::int64_t inner = config.mlp_width(stage);
  const std::int64_t heads = config.head_counts[stage];
  const std::int64_t offsets = 2 * config.window_size - 1;
  const auto table = layer.below(names.attention)
                         .tensor("relative_position_bias_table", {offsets * offsets, heads});
  const auto in = layer.below(names.mlp_in);
  const auto out = layer.below(names.mlp_out);
  return {{LayerNorm(layer, names.attention_norm, width, config.layer_norm_eps),
           SelfAttention(load_attention(layer, width, config, names), heads, false),
           LayerNorm(layer, names.mlp_norm, width, config.layer_norm_eps),
           Mlp({in.tensor("weight", {inner, width}), in.tensor("bias", {inner}),
                out.tensor("weight", {width, inner}), out.tensor("bias", {width})},
               config.activation)},
          relative_position_bias(table, config.window_size)};
}

SwinStage load_stage(const Weights& weights, std::size_t stage,
                     const checkpoint::HtsatConfig& config, const HtsatNames& names) {
  std::vector<SwinLayer> layers;
  for (int i = 0; i < config.depths[stage]; ++i) {
    layers.push_back(load_layer(weights.below("blocks", i), stage, config, names));
  }
  std::optional<PatchMerging> merging;
  if (stage + 1 < config.stage_count()) {
    const std::int64_t width = config.width(stage);
    const auto downsample = weights.below("downsample");
    merging = PatchMerging{
        LayerNorm(downsample, "norm", 4 * width, kNormEps),
        Linear(downsample.tensor("reduction.weight", {2 * width, 4 * width}), at::Tensor())};
  }
  return SwinStage(std::move(layers), config.grid(stage), config.window_size, std::move(merging));
}

}  // namespace

Htsat::Htsat(const Weights& weights, const checkpoint::HtsatConfig& config, const HtsatNames& names)
    : frame_count_(config.frame_count()),
      fold_count_(config.fold_count()),
      type_(weights.type()),
      batch_norm_(weights.below(names.batch_norm), config.mel_count),
      patches_(weights.below("patch_embed"), config),
      norm_(weights, "norm", config.output_width(), kNormEps) {
  for (std::size_t i = 0; i < config.stage_count(); ++i) {
    stages_.push_back(load_stage(weights.below("layers", static_cast<int>(i)), i, config, names));
  }
}

// A spectrogram is stretched to the picture's area and cut along time; the pieces are stacked, each
// with frequency downwards (modeling_clap.py, reshape_mel2img).
at::Tensor Htsat::fold(const at::Tensor& spectrograms) const {
  auto full = spectrograms;
  if (full.size(2) < frame_count_) {
    full = at::upsample_bicubic2d(full, {frame_count_, full.size(3)}, /*align_corners=*/true);
  }
  const auto batch = full.size(0);
  const auto count = full.size(1);
  const auto side = full.size(3) * fold_count_;
  return full.reshape({batch, count, fold_count_, side, full.size(3)})
      .transpose(3, 4)
      .reshape({batch, count, side, side});
}

at::Tensor Htsat::operator()(const at::Tensor& log_mel) const {
  auto states = patches_(fold(batch_norm_(log_mel)).to(type_));
  for (const auto& stage : stages_) states = stage(std::move(states));
  return norm_(states).mean({1, 2});
}

}  // namespace clipclap::model
