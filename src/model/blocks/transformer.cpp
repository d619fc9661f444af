#include "model/blocks/transformer.h"

#include <utility>

namespace clipclap::model {

Transformer::Transformer(std::vector<TransformerLayer> layers, NormPlace norms)
    : layers_(std::move(layers)), norms_(norms) {}

at::Tensor Transformer::run(const TransformerLayer& layer, const at::Tensor& states,
                            Readout readout, const at::Tensor& bias) const {
  const auto& [attention_norm, attention, mlp_norm, mlp] = layer;
  const auto residual = readout == Readout::kFirstToken ? states.narrow(1, 0, 1) : states;
  if (norms_ == NormPlace::kAfter) {
    const auto attended = attention_norm(attention.add_to(residual, states, readout, bias));
    return mlp_norm(mlp.add_to(attended, attended));
  }
  const auto attended = attention.add_to(residual, attention_norm(states), readout, bias);
  return mlp.add_to(attended, mlp_norm(attended));
}

at::Tensor Transformer::operator()(at::Tensor states, Readout readout,
                                   const at::Tensor& bias) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const bool last = i + 1 == layers_.size();
    states = run(layers_[i], states, last ? readout : Readout::kAllTokens, bias);
  }
  return readout == Readout::kFirstToken ? states.narrow(1, 0, 1) : states;
}

}  // namespace clipclap::model
