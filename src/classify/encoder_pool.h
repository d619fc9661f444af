// Batches that are encoded side by side.
#pragma once

#include <ATen/core/Tensor.h>

#include "base/worker_pool.h"
#include "model/compute_threads.h"

namespace clipclap::classify {

/// Threads that each compute alone, on weights that they share: two of them get more done than two
/// that share each product, which waits for the slower.
using EncoderPool = WorkerPool<at::Tensor>;

/// As many threads as LibTorch is set to.
inline EncoderPool make_encoder_pool() {
  const auto threads = static_cast<std::size_t>(model::compute_threads());
  return EncoderPool(threads, [threads] {
    if (threads > 1) model::compute_alone();
  });
}

}  // namespace clipclap::classify
