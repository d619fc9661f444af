#include "model/blocks/attention.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/scaled_dot_product_attention.h>

#include "model/blocks/window_attention.h"

namespace clipclap::model {
namespace {

Linear join(const AttentionWeights& weights) {
  auto bias = weights.query_bias.defined()
                  ? at::cat({weights.query_bias, weights.key_bias, weights.value_bias})
                  : at::Tensor();
  return Linear(at::cat({weights.query_weight, weights.key_weight, weights.value_weight}),
                std::move(bias), weights.products);
}

/// As the kernel takes it: of the queries' type, or of type bool.
std::optional<at::Tensor> fit(const at::Tensor& bias, const at::Tensor& query) {
  if (!bias.defined()) return std::nullopt;
  const auto batch = query.size(0);
  const auto groups = bias.size(0);
  const auto typed = bias.scalar_type() == at::kBool ? bias : bias.to(query.scalar_type());
  return groups == 1 || groups == batch ? typed : typed.repeat({batch / groups, 1, 1, 1});
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
  const auto joined = query_key_value_(input);
  if (readout == Readout::kAllTokens && !causal_ && suits_windows(joined, head_count_, bias)) {
    return output_.add_to(residual, attend_in_windows(joined, head_count_, bias));
  }
  // The kernel reads its operands by strides, so no copy is made of them here.
  const auto parts =
      joined.view({batch, tokens, 3, head_count_, width / head_count_}).permute({2, 0, 3, 1, 4});
  auto query = parts[0];
  if (readout == Readout::kFirstToken) query = query.narrow(2, 0, 1);
  const auto mixed =
      at::scaled_dot_product_attention(query, parts[1], parts[2], fit(bias, query), 0.0, causal_);
  return output_.add_to(residual, mixed.transpose(1, 2).reshape({batch, query.size(2), width}));
}

}  // namespace clipclap::model
