#include "model/htsat/htsat.h"

#include <optional>
#include <utility>

#include <ATen/ops/upsample_bicubic2d.h>

namespace clipclap::model {
namespace {

constexpr double kNormEps = 1e-5;

SwinLayer load_swin_layer(const Weights& layer, std::size_t stage,
                          const checkpoint::HtsatConfig& config, const HtsatNames& names) {
  const checkpoint::TransformerConfig transformer{.hidden_size = config.width(stage),
                                                  .intermediate_size = config.mlp_width(stage),
                                                  .layer_count = 1,
                                                  .head_count = config.head_counts[stage],
                                                  .activation = config.activation,
                                                  .layer_norm_eps = config.layer_norm_eps,
                                                  .qkv_bias = config.qkv_bias};
  const std::int64_t offsets = 2 * config.window_size - 1;
  const auto table =
      layer.tensor(names.position_biases, {offsets * offsets, transformer.head_count});
  return {load_layer(layer, transformer, /*causal=*/false, names.layers),
          relative_position_bias(table, config.window_size).to(at::kFloat)};
}

SwinStage load_stage(const Weights& weights, std::size_t stage,
                     const checkpoint::HtsatConfig& config, const HtsatNames& names) {
  std::vector<SwinLayer> layers;
  layers.reserve(static_cast<std::size_t>(config.depths[stage]));
  for (int i = 0; i < config.depths[stage]; ++i) {
    layers.push_back(load_swin_layer(weights.below(names.layers.list, i), stage, config, names));
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
      options_(weights.options()),
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
  auto states = patches_(fold(batch_norm_(log_mel)).to(options_));
  for (const auto& stage : stages_) states = stage(states);
  return norm_(states).mean({1, 2});
}

}  // namespace clipclap::model
