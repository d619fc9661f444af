// Pooling by attention: one learned query looks at every token (Zhai et al. 2022, "Scaling Vision
// Transformers", section 3.1: multihead attention pooling).
#pragma once

#include <ATen/core/Tensor.h>

#include "model/blocks/linear.h"
#include "model/blocks/mlp.h"
#include "model/blocks/norm.h"

namespace clipclap::model {

/// The query has gone through its projection already: [width]. Keys stand before values:
/// [2·width, width] and [2·width].
struct AttentionPoolWeights {
  at::Tensor query;
  at::Tensor key_value_weight, key_value_bias;
  at::Tensor output_weight, output_bias;
};

/// Immutable after construction; any number of threads may call it.
class AttentionPool {
 public:
  AttentionPool(const AttentionPoolWeights& weights, std::int64_t head_count, LayerNorm norm,
                Mlp mlp);

  /// [batch, tokens, width] → [batch, width]: x + mlp(norm(x)) of what the query saw.
  at::Tensor operator()(const at::Tensor& states) const;

 private:
  at::Tensor query_;  ///< [1, heads, 1, width / heads]
  Linear key_value_;
  Linear output_;
  std::int64_t head_count_;
  LayerNorm norm_;
  Mlp mlp_;
};

}  // namespace clipclap::model
