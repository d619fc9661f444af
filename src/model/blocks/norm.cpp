#include "model/blocks/norm.h"

#include <ATen/ATen.h>

namespace clipclap::model {

LayerNorm::LayerNorm(const Weights& weights, std::string_view name, std::int64_t width, double eps)
    : weight_(weights.below(name).tensor("weight", {width})),
      bias_(weights.below(name).tensor("bias", {width})),
      eps_(eps) {}

at::Tensor LayerNorm::operator()(const at::Tensor& input) const {
  return at::layer_norm(input, weight_.sizes(), weight_, bias_, eps_);
}

}  // namespace clipclap::model
