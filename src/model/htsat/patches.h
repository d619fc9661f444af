// The first products of HTS-AT: pictures of spectrograms to patches.
#pragma once

#include <optional>

#include <ATen/core/Tensor.h>

#include "checkpoint/htsat_config.h"
#include "model/blocks/linear.h"
#include "model/blocks/norm.h"
#include "model/weights.h"

namespace clipclap::model {

/// A convolution with as many patches along an edge as strides fit into it.
class PatchConvolution {
 public:
  /// Reads `name.weight`, [width, 1, patch, patch · columns], and `name.bias`. `columns` patches
  /// side by side are one.
  PatchConvolution(const Weights& weights, std::string_view name,
                   const checkpoint::HtsatConfig& config, int columns);

  /// [batch, 1, side, side] → [batch, rows, columns, width].
  at::Tensor operator()(const at::Tensor& pictures) const;

 private:
  at::Tensor weight_, bias_;
  std::int64_t stride_, columns_, padding_;
};

/// Attention feature fusion (Dai et al. 2021, "Attentional Feature Fusion", section 3.2): for every
/// number a weight, by its surroundings and by the whole, that says which of two inputs counts.
class FeatureFusion {
 public:
  /// Reads `local_att.*` and `global_att.*`.
  FeatureFusion(const Weights& weights, const checkpoint::HtsatConfig& config);

  /// Both [batch, rows, columns, width].
  at::Tensor operator()(const at::Tensor& whole, const at::Tensor& parts) const;

 private:
  struct Bottleneck {
    Linear in, out;
    at::Tensor operator()(const at::Tensor& states) const;
  };
  static Bottleneck load(const Weights& weights, int first, const checkpoint::HtsatConfig& config);

  Bottleneck local_;
  Bottleneck global_;
};

/// Immutable after construction; any number of threads may call it.
class SpectrogramPatches {
 public:
  /// Reads `proj`, `norm`, and for a fused tower `mel_conv2d` and `fusion_model`.
  SpectrogramPatches(const Weights& weights, const checkpoint::HtsatConfig& config);

  /// [batch, pictures, side, side] → [batch, rows, columns, width]. The first picture is the
  /// clip's; where there are more, they show it in parts.
  at::Tensor operator()(const at::Tensor& pictures) const;

 private:
  at::Tensor look_at_parts(const at::Tensor& parts, std::int64_t columns) const;

  PatchConvolution projection_;
  std::optional<LayerNorm> norm_;
  std::optional<PatchConvolution> part_projection_;
  std::optional<FeatureFusion> fusion_;
};

}  // namespace clipclap::model
