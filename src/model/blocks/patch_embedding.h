// The first product of a ViT: pixels to tokens.
#pragma once

#include <ATen/core/Tensor.h>

#include "media/preprocessing.h"
#include "model/blocks/linear.h"

namespace clipclap::model {

/// Cuts a picture into patches and projects each. Rescaling by 1/255, mean and standard deviation
/// are folded into the weights, so raw bytes go in. Immutable; any number of threads may call it.
class PatchEmbedding {
 public:
  /// `weight` is [width, 3, patch, patch] as a convolution stores it, `bias` [width] or undefined,
  /// both float32. `options` and `products` are what is computed with.
  PatchEmbedding(const at::Tensor& weight, const at::Tensor& bias,
                 const media::Preprocessing& preprocessing, const at::TensorOptions& options,
                 Products products);

  /// [batch, height, width, 3] uint8 → [batch, patches, width], patches row by row. Pixels beyond
  /// the last whole patch are left out, as a strided convolution does.
  at::Tensor operator()(const at::Tensor& pixels) const;

 private:
  std::int64_t patch_size_;
  at::ScalarType type_;  ///< of what is multiplied
  Linear projection_;
};

}  // namespace clipclap::model
