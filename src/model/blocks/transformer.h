// A stack of pre-norm transformer layers, as ViTs and CLIP's text tower have it.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "model/blocks/attention.h"
#include "model/blocks/mlp.h"
#include "model/blocks/norm.h"

namespace clipclap::model {

/// x + attention(norm(x)), then x + mlp(norm(x)).
struct TransformerLayer {
  LayerNorm attention_norm;
  SelfAttention attention;
  LayerNorm mlp_norm;
  Mlp mlp;
};

/// Immutable after construction; any number of threads may call it.
class Transformer {
 public:
  explicit Transformer(std::vector<TransformerLayer> layers);

  /// [batch, tokens, width] → the same, or [batch, 1, width] for kFirstToken: then the last layer
  /// computes no other token.
  at::Tensor operator()(at::Tensor states, Readout readout) const;

 private:
  std::vector<TransformerLayer> layers_;
};

}  // namespace clipclap::model
