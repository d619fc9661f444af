// Batches that are encoded side by side.
#pragma once

#include <cstddef>
#include <initializer_list>

#include <ATen/core/Tensor.h>

#include "base/worker_pool.h"
#include "model/dual_encoder.h"

namespace clipclap::classify {

/// Threads that each compute alone, on weights that they share: two of them get more done than two
/// that share each product, which waits for the slower.
using EncoderPool = WorkerPool<at::Tensor>;

/// As many threads as LibTorch is set to, or as keep the other devices of these encoders busy.
EncoderPool make_encoder_pool(std::initializer_list<const model::DualEncoder*> encoders);

/// Windows that go through a tower at once where nobody says how many: 8 with a processor,
/// whose caches hold what becomes of them; as many as a device has the memory for elsewhere.
std::size_t suitable_batch(const model::DualEncoder& encoder);

/// A batch as the encoder's tower takes them, of noise.
at::Tensor make_batch(const model::DualEncoder& encoder, std::size_t count);

/// Normalised embeddings of such a batch.
at::Tensor encode_batch(const model::DualEncoder& encoder, const at::Tensor& batch);

}  // namespace clipclap::classify
