// Rounds of a tower and of its products alone.
#pragma once

#include <clipclap/benchmark.h>

#include "classify/encoder_pool.h"
#include "model/dual_encoder.h"

namespace clipclap::classify {

/// A batch of made-up input through the tower, and the same matrix products on ones.
struct TowerWork {
  EncoderPool::Task tower;
  EncoderPool::Task products;
  bool has_products = false;
};
TowerWork make_tower_work(const model::DualEncoder& encoder, std::size_t batch);

/// How long the pool's threads take for it so many times.
double time_side_by_side(EncoderPool& pool, const EncoderPool::Task& work, std::size_t times);

BenchmarkResult benchmark_tower(const model::DualEncoder& encoder, const BenchmarkOptions& options);

}  // namespace clipclap::classify
