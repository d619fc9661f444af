// The two-layer perceptron of a transformer layer.
#pragma once

#include <ATen/core/Tensor.h>

#include "checkpoint/model_config.h"
#include "model/blocks/linear.h"

namespace clipclap::model {

/// `in_weight` [inner, width], `out_weight` [width, inner], biases to match.
struct MlpWeights {
  at::Tensor in_weight, in_bias;
  at::Tensor out_weight, out_bias;
  Products products = Products::kPlain;
};

/// Immutable after construction; any number of threads may call it.
class Mlp {
 public:
  Mlp(const MlpWeights& weights, checkpoint::Activation activation);

  /// residual + out(activation(in(input))), all [..., width].
  at::Tensor add_to(const at::Tensor& residual, const at::Tensor& input) const;

 private:
  Linear in_;
  Linear out_;
  checkpoint::Activation activation_;
};

}  // namespace clipclap::model
