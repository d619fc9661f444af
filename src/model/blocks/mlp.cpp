#include "model/blocks/mlp.h"

#include <ATen/TensorOperators.h>

namespace clipclap::model {
namespace {

using checkpoint::Activation;

// quick_gelu(x) = x·σ(1.702x) = silu(1.702x) / 1.702 (GELU's sigmoid form, Hendrycks & Gimpel 2016,
// section 2). Silu is fused into oneDNN's product, so the factors go into the weights around it.
constexpr double kQuickGeluFactor = 1.702;

Linear make_in(const MlpWeights& weights, Activation activation) {
  const double factor = activation == Activation::kQuickGelu ? kQuickGeluFactor : 1;
  if (factor == 1) return Linear(weights.in_weight, weights.in_bias, weights.products);
  return Linear(weights.in_weight * factor, weights.in_bias * factor, weights.products);
}

Linear make_out(const MlpWeights& weights, Activation activation) {
  const double factor = activation == Activation::kQuickGelu ? kQuickGeluFactor : 1;
  if (factor == 1) return Linear(weights.out_weight, weights.out_bias, weights.products);
  return Linear(weights.out_weight / factor, weights.out_bias, weights.products);
}

}  // namespace

Mlp::Mlp(const MlpWeights& weights, Activation activation)
    : in_(make_in(weights, activation)),
      out_(make_out(weights, activation)),
      activation_(activation == Activation::kQuickGelu ? Activation::kSilu : activation) {}

at::Tensor Mlp::add_to(const at::Tensor& residual, const at::Tensor& input) const {
  return out_.add_to(residual, in_.activated(input, activation_));
}

}  // namespace clipclap::model
