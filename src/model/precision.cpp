#include "model/precision.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/ones.h>
#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/log.h"
#include "model/device.h"
#include "model/torch_guard.h"

namespace clipclap {
namespace model {
namespace {

constexpr auto kHasBfloat16 = "mkldnn::_is_mkldnn_bf16_supported";
constexpr auto kHasFloat16 = "mkldnn::_is_mkldnn_fp16_supported";

// oneDNN's own answer: AVX512_BF16 or AMX, AVX512_FP16 or AMX_FP16.
bool processor_has(const char* question) {
  const auto schema = c10::Dispatcher::singleton().findSchema({question, ""});
  return schema && schema->typed<bool()>().call();
}

[[noreturn]] void refuse(Precision precision) {
  throw Error(ErrorCode::kUnsupported,
              fmt::format("this processor has no {0} arithmetic, so that {0} would be slower than "
                          "fp32 and no better; take --precision fp32",
                          to_string(precision)));
}

at::ScalarType require(at::ScalarType type, const char* question, Precision precision) {
  if (!processor_has(question)) refuse(precision);
  return type;
}

/// Seconds of a product of a ViT-B's layer at best: at a batch of five pictures, with a GPU, which
/// begins a smaller one longer than it works on it, of 320.
double time_product(const at::TensorOptions& options) {
  const std::int64_t rows = options.device().is_cpu() ? 250 : 16000;
  constexpr std::int64_t kWidth = 768;
  constexpr std::int64_t kInner = 3072;
  constexpr int kTrials = 4;  // of which the first prepares
  const Linear product(at::ones({kInner, kWidth}, options), at::Tensor());
  const auto input = at::ones({rows, kWidth}, options);
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kTrials; ++i) {
    const auto start = std::chrono::steady_clock::now();
    product(input).max().item<float>();  // a device's work is done when something is read of it
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    least = std::min(least, time.count());
  }
  return least;
}

/// Of float32 and those behind it the first that none behind it beats.
at::ScalarType try_types(const std::vector<at::ScalarType>& others, at::Device device) {
  // Less is not worth other numbers than the reference's.
  constexpr double kWorthwhile = 1.2;
  if (others.empty()) return at::kFloat;
  const auto time = [&](at::ScalarType type) {
    return time_product(at::TensorOptions().dtype(type).device(device));
  };
  Arithmetic best{.device = device};
  double least = time(best.type);
  auto said = fmt::format("{:.2f} ms in fp32", least * 1e3);
  for (const auto type : others) {
    const double seconds = time(type);
    said += fmt::format(", {:.2f} ms in {}", seconds * 1e3, precision_name({.type = type}));
    if (least <= kWorthwhile * seconds) continue;
    best.type = type;
    least = seconds;
  }
  log_info(fmt::format("--precision auto: {}; a product took {}", precision_name(best), said));
  return best.type;
}

at::ScalarType fastest_type(at::Device device) {
  static std::mutex mutex;
  static std::map<std::string, at::ScalarType> known;
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(device.str()); found != known.end()) return found->second;
  // On a processor half precision that is not bfloat16 rarely pays; elsewhere float16 is as fast
  // and eight times as exact (docs/decisions/precision.md).
  std::vector<at::ScalarType> others{at::kHalf, at::kBFloat16};
  if (device.is_cpu()) {
    others =
        processor_has(kHasBfloat16) ? std::vector{at::kBFloat16} : std::vector<at::ScalarType>();
  }
  const auto type = with_torch("trying precisions", [&] {
    const OnDevice guard(device);
    return try_types(others, device);
  });
  known.emplace(device.str(), type);
  return type;
}

Arithmetic arithmetic_of_device(Precision precision, at::Device device) {
  switch (precision) {
    case Precision::kAuto:
      return {.type = fastest_type(device), .device = device};
    case Precision::kFloat32:
      break;
    case Precision::kBfloat16:
      return {.type = at::kBFloat16, .device = device};
    case Precision::kFloat16:
      return {.type = at::kHalf, .device = device};
    case Precision::kInt8:
      throw Error(
          ErrorCode::kUnsupported,
          fmt::format("int8 is computed on processors alone; take --precision fp16 or bf16, "
                      "or --device cpu instead of {}",
                      device.str()));
  }
  return {.device = device};
}

}  // namespace

Arithmetic arithmetic_of(std::optional<Precision> asked, at::Device device) {
  if (!device.is_cpu()) return arithmetic_of_device(asked.value_or(Precision::kAuto), device);
  const auto precision = asked.value_or(Precision::kFloat32);
  switch (precision) {
    case Precision::kAuto:
      return {.type = fastest_type(device)};
    case Precision::kFloat32:
      break;
    case Precision::kBfloat16:
      return {.type = require(at::kBFloat16, kHasBfloat16, precision)};
    case Precision::kFloat16:
      return {.type = require(at::kHalf, kHasFloat16, precision)};
    case Precision::kInt8:
      if (!Int8Product::is_supported()) refuse(precision);
      return {.products = Products::kInt8};
  }
  return {};
}

std::vector<Precision> processor_precisions() {
  std::vector<Precision> found{Precision::kFloat32};
  if (processor_has(kHasBfloat16)) found.push_back(Precision::kBfloat16);
  if (processor_has(kHasFloat16)) found.push_back(Precision::kFloat16);
  if (Int8Product::is_supported()) found.push_back(Precision::kInt8);
  return found;
}

std::string_view precision_name(const Arithmetic& arithmetic) {
  if (arithmetic.products == Products::kInt8) return to_string(Precision::kInt8);
  if (arithmetic.type == at::kBFloat16) return to_string(Precision::kBfloat16);
  return to_string(arithmetic.type == at::kHalf ? Precision::kFloat16 : Precision::kFloat32);
}

}  // namespace model

namespace {

struct PrecisionRow {
  std::string_view name;
  Precision precision;
};

constexpr PrecisionRow kPrecisions[] = {{"auto", Precision::kAuto},
                                        {"fp32", Precision::kFloat32},
                                        {"bf16", Precision::kBfloat16},
                                        {"fp16", Precision::kFloat16},
                                        {"int8", Precision::kInt8}};

}  // namespace

std::string_view to_string(Precision precision) noexcept {
  for (const auto& row : kPrecisions) {
    if (row.precision == precision) return row.name;
  }
  return "auto";
}

Precision parse_precision(std::string_view name) {
  for (const auto& row : kPrecisions) {
    if (row.name == name) return row.precision;
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("the precision \"{}\" is not one of auto, fp32, bf16, fp16, int8", name));
}

}  // namespace clipclap
