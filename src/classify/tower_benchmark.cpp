#include "classify/tower_benchmark.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <utility>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>

#include <clipclap/error.h>

#include "classify/encoder_pool.h"
#include "model/blocks/linear.h"
#include "model/blocks/product_log.h"
#include "model/device.h"
#include "model/torch_guard.h"

namespace clipclap::classify {
namespace {

/// Fewer tell nothing of the spread.
constexpr std::size_t kLeastRounds = 5;
/// A round shorter than this measures the clock.
constexpr double kRoundSeconds = 0.2;

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {.median = median, .lowest = values.front(), .highest = values.back()};
}

void throw_if_stopped(const BenchmarkOptions& options) {
  if (options.stop == nullptr || !options.stop->load()) return;
  throw Error(ErrorCode::kCancelled, "stopped before its end");
}

using Products = std::vector<std::pair<const model::Linear*, at::Tensor>>;

/// One input of each shape: in the tower, too, it is warm from what made it, and memory is the
/// tower's.
Products products_of(const model::DualEncoder& encoder, const at::Tensor& input) {
  model::ProductLog log;
  encode_batch(encoder, input);
  const model::OnDevice guard(encoder.device);
  std::map<std::pair<std::vector<std::int64_t>, at::ScalarType>, at::Tensor> inputs;
  Products products;
  for (const auto& [product, shape, options] : log.entries()) {
    auto& states = inputs[{shape, c10::typeMetaToScalarType(options.dtype())}];
    if (!states.defined()) states = at::ones(shape, options);
    products.emplace_back(product, states);
  }
  return products;
}

}  // namespace

TowerWork make_tower_work(const model::DualEncoder& encoder, std::size_t batch) {
  const auto input = make_batch(encoder, batch);
  const auto tower = [&encoder, input] {
    return encode_batch(encoder.for_worker(worker_number), input);
  };
  std::vector<Products> products;  // of each device's own weights
  for (std::size_t i = 0; i <= encoder.replicas.size(); ++i) {
    products.push_back(products_of(encoder.for_worker(i), input));
  }
  const auto has_products = !products.front().empty();
  const auto multiply = [&encoder, products = std::move(products)] {
    return model::with_torch("products", [&] {
      const model::OnDevice guard(encoder.for_worker(worker_number).device);
      at::Tensor last;
      for (const auto& [product, states] : products[worker_number % products.size()]) {
        last = (*product)(states);
      }
      // A device is still at work when its operations return; what is read of them is done.
      return last.flatten().narrow(0, 0, 1).to(at::kCPU);
    });
  };
  return {tower, multiply, has_products};
}

double time_side_by_side(EncoderPool& pool, const EncoderPool::Task& work, std::size_t times) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::future<at::Tensor>> done;
  done.reserve(times);
  for (std::size_t i = 0; i < times; ++i) done.push_back(pool.submit(work));
  for (auto& result : done) result.get();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

BenchmarkResult benchmark_tower(const model::DualEncoder& encoder,
                                const BenchmarkOptions& options) {
  if (!(options.seconds > 0)) {
    throw Error(ErrorCode::kInvalidArgument, "the seconds must be above 0");
  }
  const auto batch = options.batch > 0 ? options.batch : suitable_batch(encoder);
  const auto work = make_tower_work(encoder, batch);
  auto pool = make_encoder_pool({&encoder});
  const auto threads = pool.thread_count();
  time_side_by_side(pool, work.tower, threads);  // starts them and prepares the products' kernels
  const double once = time_side_by_side(pool, work.tower, threads);
  const auto times =
      threads * static_cast<std::size_t>(std::max(1.0, std::ceil(kRoundSeconds / once)));

  std::vector<double> rates;
  std::vector<double> shares;
  const auto items = static_cast<double>(batch * times);
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  while (rates.size() < kLeastRounds || elapsed() < options.seconds) {
    throw_if_stopped(options);
    const double whole = time_side_by_side(pool, work.tower, times);
    rates.push_back(items / whole);
    if (!work.has_products) continue;
    throw_if_stopped(options);
    shares.push_back(time_side_by_side(pool, work.products, times) / whole);
  }
  BenchmarkResult result{.model = encoder.info.name,
                         .precision = encoder.info.precision,
                         .items = encoder.picture ? "pictures" : "windows",
                         .batch = batch,
                         .threads = static_cast<int>(threads),
                         .rounds = rates.size(),
                         .items_per_second = spread_of(rates)};
  if (!shares.empty()) result.roofline_share = spread_of(shares);
  return result;
}

}  // namespace clipclap::classify
