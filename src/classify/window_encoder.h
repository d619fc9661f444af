// One input, from its bytes to the embeddings of its windows.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/tagging.h>

#include "model/dual_encoder.h"

namespace clipclap::classify {

/// Windows that went through a tower together, in the order of the file, and their embeddings,
/// [windows, dimension], rows of length 1.
struct EncodedBatch {
  std::vector<Window> windows;
  at::Tensor embeddings;
};

/// Reads `input`, prepares its pictures, encodes them in batches and hands each batch over. Memory
/// depends on the batch, not on the input's length. Where the input breaks, what was read before is
/// handed over first and then Error is thrown.
void encode_windows(const model::DualEncoder& encoder, const std::string& input,
                    const RunOptions& options,
                    const std::function<void(const EncodedBatch&)>& sink);

}  // namespace clipclap::classify
