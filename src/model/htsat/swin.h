// A stage of a Swin transformer (Liu et al. 2021, "Swin Transformer: Hierarchical Vision
// Transformer using Shifted Windows", section 3).
#pragma once

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/blocks/transformer.h"
#include "model/blocks/window_grid.h"

namespace clipclap::model {

/// Turns a window's table of one bias for each offset between two states, [(2·window - 1)², heads],
/// into what is added to attention's scores, [1, heads, window², window²].
at::Tensor relative_position_bias(const at::Tensor& table, std::int64_t window);

/// Puts four neighbours side by side, normalises and halves their width.
struct PatchMerging {
  LayerNorm norm;
  Linear reduction;

  /// [batch, side, side, width] → [batch, side / 2, side / 2, 2 · width].
  at::Tensor operator()(const at::Tensor& states) const;
};

struct SwinLayer {
  TransformerLayer layer;
  at::Tensor position_bias;  ///< as relative_position_bias gives it, in float32
};

/// Every second layer has shifted windows, unless one window is all there is. Immutable after
/// construction; any number of threads may call it.
class SwinStage {
 public:
  SwinStage(std::vector<SwinLayer> layers, std::int64_t side, std::int64_t window,
            std::optional<PatchMerging> merging);

  /// [batch, side, side, width] → the same, or as PatchMerging leaves it.
  at::Tensor operator()(const at::Tensor& states) const;

 private:
  std::vector<SwinLayer> layers_;
  WindowGrid straight_;
  WindowGrid shifted_;
  std::optional<PatchMerging> merging_;
};

}  // namespace clipclap::model
