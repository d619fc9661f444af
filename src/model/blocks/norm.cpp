#include "model/blocks/norm.h"

#include <ATen/ops/layer_norm.h>

namespace clipclap::model {

LayerNorm::LayerNorm(const Weights& weights, std::string_view name, std::int64_t width, double eps)
    : weight_(weights.below(name).tensor("weight", {width})),
      bias_(weights.below(name).tensor("bias", {width})),
      eps_(eps) {}

LayerNorm::LayerNorm(const Weights& weights, std::string_view name,
                     const checkpoint::TransformerConfig& config)
    : weight_(weights.below(name).tensor("weight", {config.hidden_size})),
      eps_(config.layer_norm_eps) {
  if (config.norm_bias) bias_ = weights.below(name).tensor("bias", {config.hidden_size});
}

at::Tensor LayerNorm::operator()(const at::Tensor& input) const {
  return at::layer_norm(input, weight_.sizes(), weight_, bias_, eps_);
}

}  // namespace clipclap::model
