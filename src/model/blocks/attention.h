// Multi-head self-attention (Vaswani et al. 2017, section 3.2).
#pragma once

#include <ATen/core/Tensor.h>

#include "model/blocks/linear.h"
#include "model/blocks/window_grid.h"

namespace clipclap::model {

/// Which tokens' states the caller reads. Where it is the first alone (a class token), queries are
/// made for that one only.
enum class Readout { kAllTokens, kFirstToken };

/// The four projections as checkpoints store them: weights [width, width], biases [width] or
/// undefined.
struct AttentionWeights {
  at::Tensor query_weight, query_bias;
  at::Tensor key_weight, key_bias;
  at::Tensor value_weight, value_bias;
  at::Tensor output_weight, output_bias;
  Products products = Products::kPlain;
};

/// Immutable after construction; any number of threads may call it.
class SelfAttention {
 public:
  SelfAttention(const AttentionWeights& weights, std::int64_t head_count, bool causal);

  /// residual + attention(input). Both are [batch, tokens, width]; with kFirstToken `residual` and
  /// the result are [batch, 1, width]. Causal attention takes kAllTokens only, and no bias.
  /// `bias` is [groups, heads, tokens, tokens], added to the scores before their softmax, or of
  /// type bool and true where a token may be looked at; any size of it may be 1. Where there are
  /// several groups, the batch is so many in turn, once or repeatedly. Undefined for none.
  at::Tensor add_to(const at::Tensor& residual, const at::Tensor& input, Readout readout,
                    const at::Tensor& bias = {}) const;

  /// The same within each window of a grid: both are [batch, side², width], `bias` [1 or windows,
  /// heads, window², window²] of float32. Not for causal attention.
  at::Tensor add_in_windows(const at::Tensor& residual, const at::Tensor& input,
                            const WindowGrid& grid, const at::Tensor& bias) const;

 private:
  /// Of queries, keys and values side by side, [batch, tokens, 3·width].
  at::Tensor mix(const at::Tensor& joined, Readout readout, const at::Tensor& bias) const;

  Linear query_key_value_;  ///< one product for the three: [3·width, width]
  Linear output_;
  std::int64_t head_count_;
  bool causal_;
};

}  // namespace clipclap::model
