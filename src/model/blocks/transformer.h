// A stack of transformer layers.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "model/blocks/attention.h"
#include "model/blocks/mlp.h"
#include "model/blocks/norm.h"

namespace clipclap::model {

/// Where the norms of a layer stand.
enum class NormPlace {
  kBefore,  ///< x + attention(norm(x)), then x + mlp(norm(x)): ViTs, CLIP, GPT-2
  kAfter,   ///< norm(x + attention(x)), then norm(x + mlp(x)): BERT
};

struct TransformerLayer {
  LayerNorm attention_norm;
  SelfAttention attention;
  LayerNorm mlp_norm;
  Mlp mlp;
};

/// Immutable after construction; any number of threads may call it.
class Transformer {
 public:
  explicit Transformer(std::vector<TransformerLayer> layers, NormPlace norms = NormPlace::kBefore);

  /// [batch, tokens, width] → the same, or [batch, 1, width] for kFirstToken: then the last layer
  /// computes no other token. `bias` goes to every layer's attention.
  at::Tensor operator()(at::Tensor states, Readout readout, const at::Tensor& bias = {}) const;

 private:
  at::Tensor run(const TransformerLayer& layer, const at::Tensor& states, Readout readout,
                 const at::Tensor& bias) const;

  std::vector<TransformerLayer> layers_;
  NormPlace norms_;
};

}  // namespace clipclap::model
