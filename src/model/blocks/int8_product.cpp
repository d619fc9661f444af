#include "model/blocks/int8_product.h"

#include <string_view>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/cpu/Utils.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "model/blocks/int8_rows.h"

namespace clipclap::model {
namespace {

using Scalars = c10::List<std::optional<at::Scalar>>;

// As in linear.cpp: operators of ATen's inductor back end, by schema.
at::Tensor pack(const at::Tensor& weight) {
  static const auto call =
      c10::Dispatcher::singleton()
          .findSchemaOrThrow("onednn::qlinear_prepack", "")
          .typed<at::Tensor(at::Tensor, std::optional<c10::List<std::int64_t>>)>();
  // The order is chosen for inputs of this many rows; others may come.
  constexpr std::int64_t kUsualRows = 256;
  return call.call(weight, c10::List<std::int64_t>({kUsualRows, weight.size(1)}));
}

at::Tensor product(const at::Tensor& codes, const at::Tensor& weight, const at::Tensor& scales,
                   const at::Tensor& zeros) {
  static const auto call =
      c10::Dispatcher::singleton()
          .findSchemaOrThrow("onednn::qlinear_pointwise", "")
          .typed<at::Tensor(at::Tensor, double, std::int64_t, at::Tensor, at::Tensor, at::Tensor,
                            std::optional<at::Tensor>, double, std::int64_t,
                            std::optional<at::ScalarType>, std::string_view, Scalars,
                            std::string_view)>();
  return call.call(codes, 1.0, 0, weight, scales, zeros, std::nullopt, 1.0, 0, at::kFloat, "none",
                   Scalars(), "");
}

/// Rows that one thread takes at least.
constexpr std::int64_t kRowsAtOnce = 16;

at::Tensor encode(const at::Tensor& values, std::vector<RowCode>& row_codes) {
  const auto width = values.size(-1);
  const auto rows = std::ssize(row_codes);
  const auto codes = at::empty({rows, width}, at::kByte);
  at::parallel_for(0, rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (auto row = begin; row < end; ++row) {
      row_codes[static_cast<std::size_t>(row)] = quantize_row(
          values.const_data_ptr<float>() + row * width, static_cast<std::size_t>(width),
          codes.data_ptr<std::uint8_t>() + row * width);
    }
  });
  return codes;
}

}  // namespace

bool Int8Product::is_supported() {
  return at::cpu::is_avx512_vnni_supported() &&
         c10::Dispatcher::singleton().findSchema({"onednn::qlinear_pointwise", ""});
}

Int8Product::Int8Product(const at::Tensor& weight, const at::Tensor& bias,
                         const at::Tensor& usual) {
  constexpr double kMost = 127;
  const auto exact = weight.to(at::kFloat).contiguous();
  scales_ = (exact.abs().amax(1) / kMost).clamp_min(1e-30);
  const auto codes = (exact / scales_.unsqueeze(1)).round().clamp(-kMost, kMost);
  column_sums_ = (codes.sum(1) * scales_).contiguous();
  weight_ = pack(codes.to(at::kChar).contiguous());
  zeros_ = at::zeros({weight.size(0)}, at::kInt);
  bias_ = bias.defined() ? bias.to(at::kFloat).contiguous() : at::zeros({weight.size(0)});
  if (usual.defined()) {
    const auto lost = exact.to(at::kDouble) - codes * scales_.unsqueeze(1);
    bias_ = bias_ + lost.matmul(usual.to(at::kDouble)).to(at::kFloat);
  }
}

at::Tensor Int8Product::operator()(const at::Tensor& input, const at::Tensor& residual) const {
  const auto width = input.size(-1);
  const auto values = input.contiguous();
  const auto rows = values.numel() / width;
  std::vector<RowCode> row_codes(static_cast<std::size_t>(rows));
  const auto codes =
      values.scalar_type() == at::kByte ? values.view({rows, width}) : encode(values, row_codes);
  auto sums = product(codes, weight_, scales_, zeros_);
  const auto out = sums.size(1);
  const auto added = residual.defined() ? residual.contiguous() : residual;
  at::parallel_for(0, rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (auto row = begin; row < end; ++row) {
      dequantize_row(sums.data_ptr<float>() + row * out, static_cast<std::size_t>(out),
                     row_codes[static_cast<std::size_t>(row)], column_sums_.const_data_ptr<float>(),
                     bias_.const_data_ptr<float>(),
                     added.defined() ? added.const_data_ptr<float>() + row * out : nullptr);
    }
  });
  auto shape = input.sizes().vec();
  shape.back() = out;
  return sums.view(shape);
}

}  // namespace clipclap::model
