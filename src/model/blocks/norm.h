// Layer normalisation with learned scale and shift.
#pragma once

#include <string_view>

#include <ATen/core/Tensor.h>

#include "checkpoint/model_config.h"
#include "model/weights.h"

namespace clipclap::model {

class LayerNorm {
 public:
  /// Takes `name.weight` and `name.bias`, both [width].
  LayerNorm(const Weights& weights, std::string_view name, std::int64_t width, double eps);
  /// The same as the layers of a transformer have it, which may be without a shift.
  LayerNorm(const Weights& weights, std::string_view name,
            const checkpoint::TransformerConfig& config);

  /// [..., width] → the same shape.
  at::Tensor operator()(const at::Tensor& input) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;  ///< may be undefined
  double eps_;
};

}  // namespace clipclap::model
