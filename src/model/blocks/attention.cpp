#include "model/blocks/attention.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/scaled_dot_product_attention.h>

namespace clipclap::model {
namespace {

Linear join(const AttentionWeights& weights) {
  auto bias = weights.query_bias.defined()
                  ? at::cat({weights.query_bias, weights.key_bias, weights.value_bias})
                  : at::Tensor();
  return Linear(at::cat({weights.query_weight, weights.key_weight, weights.value_weight}),
                std::move(bias), weights.products);
}

std::optional<at::Tensor> repeat_for(const at::Tensor& bias, std::int64_t batch) {
  if (!bias.defined()) return std::nullopt;
  const auto groups = bias.size(0);
  return groups == 1 || groups == batch ? bias : bias.repeat({batch / groups, 1, 1, 1});
}

}  // namespace

SelfAttention::SelfAttention(const AttentionWeights& weights, std::int64_t head_count, bool causal)
    : query_key_value_(join(weights)),
      output_(weights.output_weight, weights.output_bias, weights.products),
      head_count_(head_count),
      causal_(causal) {}

at::Tensor SelfAttention::add_to(const at::Tensor& residual, const at::Tensor& input,
                                 Readout readout, const at::Tensor& bias) const {
  const auto batch = input.size(0);
  const auto tokens = input.size(1);
  const auto width = input.size(2);
  // The kernel reads its operands by strides, so no copy is made of them here.
  const auto parts = query_key_value_(input)
                         .view({batch, tokens, 3, head_count_, width / head_count_})
                         .permute({2, 0, 3, 1, 4});
  auto query = parts[0];
  if (readout == Readout::kFirstToken) query = query.narrow(2, 0, 1);
  const auto mixed = at::scaled_dot_product_attention(query, parts[1], parts[2],
                                                      repeat_for(bias, batch), 0.0, causal_);
  return output_.add_to(residual, mixed.transpose(1, 2).reshape({batch, query.size(2), width}));
}

}  // namespace clipclap::model
