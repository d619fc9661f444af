// Rounds of a tower and of its products alone.
#pragma once

#include <clipclap/benchmark.h>

#include "model/dual_encoder.h"

namespace clipclap::classify {

BenchmarkResult benchmark_tower(const model::DualEncoder& encoder, const BenchmarkOptions& options);

}  // namespace clipclap::classify
