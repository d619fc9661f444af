#include "model/blocks/transformer.h"

#include <utility>

#include <ATen/ATen.h>

namespace clipclap::model {
namespace {

at::Tensor run(const TransformerLayer& layer, const at::Tensor& states, Readout readout) {
  const auto residual = readout == Readout::kFirstToken ? states.narrow(1, 0, 1) : states;
  const auto attended = layer.attention.add_to(residual, layer.attention_norm(states), readout);
  return layer.mlp.add_to(attended, layer.mlp_norm(attended));
}

}  // namespace

Transformer::Transformer(std::vector<TransformerLayer> layers) : layers_(std::move(layers)) {}

at::Tensor Transformer::operator()(at::Tensor states, Readout readout) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const bool last = i + 1 == layers_.size();
    states = run(layers_[i], states, last ? readout : Readout::kAllTokens);
  }
  return readout == Readout::kFirstToken ? states.narrow(1, 0, 1) : states;
}

}  // namespace clipclap::model
