// Attention among the few states of a window (Liu et al. 2021, section 3.2), in one pass.
#pragma once

#include <ATen/core/Tensor.h>

#include "model/blocks/window_grid.h"

namespace clipclap::model {

/// Whether attend_in_windows() can do this: 64 states a window and none to fill it up, heads at
/// most 32 wide, in float32 or bfloat16 on a processor with AVX-512, `bias` of float32 for all of
/// them. LibTorch's attention does a product of matrices for each head, and these are too small for
/// that: it takes twice as long, and in bfloat16, which this reads as it is and computes in
/// float32, longer still.
bool suits_windows(const at::Tensor& states, std::int64_t head_count, const WindowGrid& grid,
                   const at::Tensor& bias);

/// softmax(q·kᵀ / √d + bias)·v within each window. `query_key_value` is [batch, side², 3 · width]
/// in the order of the grid, `bias` [1 or windows, heads, 64, 64]. Gives [batch, side², width].
at::Tensor attend_in_windows(const at::Tensor& query_key_value, std::int64_t head_count,
                             const WindowGrid& grid, const at::Tensor& bias);

}  // namespace clipclap::model
