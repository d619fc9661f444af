// Batch normalisation by running statistics: a scale and a shift for each channel.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include "model/weights.h"

namespace clipclap::model {

/// Both [width] float32.
struct BatchNorm {
  /// Reads `weight`, `bias`, `running_mean` and `running_var`.
  BatchNorm(const Weights& weights, std::int64_t width);

  /// [..., width] → the same shape.
  at::Tensor operator()(const at::Tensor& input) const { return input * scale + shift; }

  at::Tensor scale;
  at::Tensor shift;
};

}  // namespace clipclap::model
