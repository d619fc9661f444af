// Attention in bfloat16 on the tiles of AMX, head by head.
#pragma once

#include <ATen/core/Tensor.h>

namespace clipclap::model {

/// Whether attend_in_tiles() can do this: heads 64 wide, float32 or bfloat16 on a processor with
/// AMX.
bool suits_tiles(const at::Tensor& query_key_value, std::int64_t head_count);

/// softmax(q·kᵀ / √64)·v of each head, with products in bfloat16, sums and softmax in float32.
/// `query_key_value` is [batch, tokens, 3 · width]; gives [batch, tokens, width] of its type.
at::Tensor attend_in_tiles(const at::Tensor& query_key_value, std::int64_t head_count);

}  // namespace clipclap::model
