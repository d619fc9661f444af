#include "model/precision.h"

#include <string>

#include <ATen/core/dispatch/Dispatcher.h>
#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap {
namespace model {
namespace {

// oneDNN's own answer: AVX512_BF16 or AMX, AVX512_FP16 or AMX_FP16.
bool processor_has(const char* question) {
  const auto schema = c10::Dispatcher::singleton().findSchema({question, ""});
  return schema && schema->typed<bool()>().call();
}

[[noreturn]] void refuse(Precision precision) {
  throw Error(ErrorCode::kUnsupported,
              fmt::format("this processor has no {0} arithmetic, so that {0} would be slower than "
                          "fp32 and no better; take --precision auto",
                          to_string(precision)));
}

at::ScalarType require(at::ScalarType type, const char* question, Precision precision) {
  if (!processor_has(question)) refuse(precision);
  return type;
}

}  // namespace

Arithmetic arithmetic_of(Precision precision) {
  switch (precision) {
    case Precision::kAuto:
    case Precision::kFloat32:
      break;
    case Precision::kBfloat16:
      return {require(at::kBFloat16, "mkldnn::_is_mkldnn_bf16_supported", precision)};
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
