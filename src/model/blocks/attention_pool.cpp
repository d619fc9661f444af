#include "model/blocks/attention_pool.h"

#include <utility>

#include <ATen/ops/scaled_dot_product_attention.h>

namespace clipclap::model {

AttentionPool::AttentionPool(const AttentionPoolWeights& weights, std::int64_t head_count,
                             LayerNorm norm, Mlp mlp)
    : query_(weights.query.reshape({1, head_count, 1, -1})),
      key_value_(weights.key_value_weight, weights.key_value_bias),
      output_(weights.output_weight, weights.output_bias),
      head_count_(head_count),
      norm_(std::move(norm)),
      mlp_(std::move(mlp)) {}

at::Tensor AttentionPool::operator()(const at::Tensor& states) const {
  const auto batch = states.size(0);
  const auto tokens = states.size(1);
  const auto width = states.size(2);
  const auto parts = key_value_(states)
                         .view({batch, tokens, 2, head_count_, width / head_count_})
                         .permute({2, 0, 3, 1, 4});
  const auto query = query_.expand({batch, -1, -1, -1});
  const auto seen = at::scaled_dot_product_attention(query, parts[0], parts[1]);
  const auto pooled = output_(seen.reshape({batch, width}));
  return mlp_.add_to(pooled, norm_(pooled));
}

}  // namespace clipclap::model
