#include "model/blocks/attention.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/cpu/Utils.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>

#include "model/blocks/tile_attention.h"
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

/// LibTorch's attention multiplies bfloat16 by MKL, which is fast with AMX alone. Without, oneDNN's
/// batched products around a softmax take two thirds of its time
/// (docs/decisions/attention.md).
bool suits_products(const at::Tensor& joined) {
  constexpr std::int64_t kManyTokens = 128;
  static const bool has_amx = at::cpu::init_amx();
  return !has_amx && joined.size(1) >= kManyTokens && joined.device().is_cpu() &&
         joined.scalar_type() == at::kBFloat16;
}

/// softmax(q·kᵀ / √d)·v of [batch, heads, tokens, d] each.
at::Tensor attend_by_products(const at::Tensor& query, const at::Tensor& key,
                              const at::Tensor& value) {
  const auto flat = [](const at::Tensor& part) {
    return part.reshape({-1, part.size(2), part.size(3)});
  };
  const double scale = 1 / std::sqrt(static_cast<double>(query.size(3)));
  const auto scores = at::bmm(flat(query * scale), flat(key).transpose(1, 2));
  return at::bmm(at::softmax(scores, -1), flat(value)).view(query.sizes());
}

}  // namespace

SelfAttention::SelfAttention(const AttentionWeights& weights, std::int64_t head_count, bool causal)
    : query_key_value_(join(weights)),
      output_(weights.output_weight, weights.output_bias, weights.products),
      head_count_(head_count),
      causal_(causal) {}

at::Tensor SelfAttention::mix(const at::Tensor& joined, Readout readout,
                              const at::Tensor& bias) const {
  const auto batch = joined.size(0);
  const auto width = joined.size(2) / 3;
  const bool looks_at_all = !causal_ && !bias.defined();
  const bool is_rough =
      output_.products() == Products::kInt8 || joined.scalar_type() == at::kBFloat16;
  if (looks_at_all && readout == Readout::kAllTokens && is_rough &&
      suits_tiles(joined, head_count_)) {
    return attend_in_tiles(joined, head_count_);
  }
  // The kernel reads its operands by strides, so no copy is made of them here.
  const auto parts = joined.view({batch, joined.size(1), 3, head_count_, width / head_count_})
                         .permute({2, 0, 3, 1, 4});
  auto query = parts[0];
  if (readout == Readout::kFirstToken) query = query.narrow(2, 0, 1);
  const auto mixed = looks_at_all && suits_products(joined)
                         ? attend_by_products(query, parts[1], parts[2])
                         : at::scaled_dot_product_attention(query, parts[1], parts[2],
                                                            fit(bias, query), 0.0, causal_);
  return mixed.transpose(1, 2).reshape({batch, query.size(2), width});
}

at::Tensor SelfAttention::add_to(const at::Tensor& residual, const at::Tensor& input,
                                 Readout readout, const at::Tensor& bias) const {
  return output_.add_to(residual, mix(query_key_value_(input), readout, bias));
}

at::Tensor SelfAttention::add_in_windows(const at::Tensor& residual, const at::Tensor& input,
                                         const WindowGrid& grid, const at::Tensor& bias) const {
  if (suits_windows(input, head_count_, grid, bias)) {
    const auto joined = query_key_value_(input);
    return output_.add_to(residual, attend_in_windows(joined, head_count_, grid, bias));
  }
  // What fills a window up is looked at, too: its keys and values are the biases.
  const auto joined = query_key_value_(grid.cut(input));
  return output_.add_to(residual, grid.join(mix(joined, Readout::kAllTokens, bias)));
}

}  // namespace clipclap::model
