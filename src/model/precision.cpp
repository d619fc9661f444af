#include "model/precision.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/ones.h>
#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/log.h"
#include "model/torch_guard.h"

namespace clipclap {
namespace model {
namespace {

constexpr auto kHasBfloat16 = "mkldnn::_is_mkldnn_bf16_supported";

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

/// Seconds of a product of a ViT-B's layer at a batch of five pictures, at best.
double time_product(at::ScalarType type) {
  constexpr std::int64_t kRows = 250;
  constexpr std::int64_t kWidth = 768;
  constexpr std::int64_t kInner = 3072;
  constexpr int kTrials = 4;  // of which the first prepares
  const Linear product(at::ones({kInner, kWidth}, type), at::Tensor());
  const auto input = at::ones({kRows, kWidth}, type);
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kTrials; ++i) {
    const auto start = std::chrono::steady_clock::now();
    product(input);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    least = std::min(least, time.count());
  }
  return least;
}

at::ScalarType try_types() {
  // Less is not worth other numbers than the reference's.
  constexpr double kWorthwhile = 1.2;
  if (!processor_has(kHasBfloat16)) return at::kFloat;
  const double exact = time_product(at::kFloat);
  const double fast = time_product(at::kBFloat16);
  const auto type = exact > kWorthwhile * fast ? at::kBFloat16 : at::kFloat;
  log_info(
      fmt::format("--precision auto: {}; a product took {:.1f} ms in fp32 and {:.1f} ms in bf16",
                  precision_name({type}), exact * 1e3, fast * 1e3));
  return type;
}

at::ScalarType faster_type() {
  static const auto type = with_torch("trying precisions", [] { return try_types(); });
  return type;
}

}  // namespace

Arithmetic arithmetic_of(Precision precision) {
  switch (precision) {
    case Precision::kAuto:
      return {faster_type()};
    case Precision::kFloat32:
      break;
    case Precision::kBfloat16:
      return {require(at::kBFloat16, kHasBfloat16, precision)};
    case Precision::kFloat16:
      return {require(at::kHalf, "mkldnn::_is_mkldnn_fp16_supported", precision)};
    case Precision::kInt8:
      if (!Int8Product::is_supported()) refuse(precision);
      return {at::kFloat, Products::kInt8};
  }
  return {};
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
