#include <clipclap/benchmark.h>

#include "classify/tower_benchmark.h"

namespace clipclap {

BenchmarkResult benchmark(const Model& model, const BenchmarkOptions& options) {
  return classify::benchmark_tower(model.encoder(), options);
}

}  // namespace clipclap
