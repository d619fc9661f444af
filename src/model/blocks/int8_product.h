// y = x·Wᵀ + b in 8 bits: a scale for each output channel and for each token.
#pragma once

#include <ATen/core/Tensor.h>

namespace clipclap::model {

/// Weights are symmetric, one scale for each row of W; activations are coded token by token with
/// the range they have (Dettmers et al. 2022, "LLM.int8()", section 2.1, vector-wise quantization),
/// and the sums become float32 again. Immutable; any number of threads may call it.
class Int8Product {
 public:
  /// `weight` is [out, in], `bias` [out] or undefined. `usual` is an input ([in], or undefined: 0)
  /// for which the output is exact: what others lose by coded weights grows with their distance
  /// from it. Throws Error (kUnsupported) where the processor lacks the instructions.
  Int8Product(const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& usual = {});

  /// float32, or uint8, which is its own code: [..., in] → float32 [..., out]; `residual`
  /// ([..., out], or undefined) is added.
  at::Tensor operator()(const at::Tensor& input, const at::Tensor& residual = {}) const;

  static bool is_supported();

 private:
  at::Tensor weight_;       ///< packed
  at::Tensor scales_;       ///< [out]
  at::Tensor zeros_;        ///< [out], all 0
  at::Tensor column_sums_;  ///< [out], of the weights as they are coded, times their scale
  at::Tensor bias_;         ///< [out]
};

}  // namespace clipclap::model
