#include "model/blocks/linear.h"

#include <optional>
#include <string_view>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>

#include "model/blocks/product_log.h"

namespace clipclap::model {
namespace {

using checkpoint::Activation;
using Scalars = c10::List<std::optional<at::Scalar>>;

// ATen's inductor back end calls these operators from graphs; they have no C++ function of their
// own, so they are looked up by schema (ATen/native/mkldnn/RegisterMkldnnOpContextClass.cpp).
template <typename Signature>
auto find_operator(const char* name, const char* overload = "") {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, overload).typed<Signature>();
}

at::Tensor reorder(const at::Tensor& weight) {
  static const auto call =
      find_operator<at::Tensor(const at::Tensor&, std::optional<std::int64_t>)>(
          "mkldnn::_reorder_linear_weight");
  return call.call(weight, std::nullopt);
}

at::Tensor packed_linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                         std::string_view activation, std::optional<std::string_view> algorithm) {
  static const auto call = find_operator<at::Tensor(
      const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, std::string_view,
      Scalars, std::optional<std::string_view>)>("mkldnn::_linear_pointwise");
  return call.call(input, weight, bias.defined() ? std::optional(bias) : std::nullopt, activation,
                   Scalars(), algorithm);
}

at::Tensor packed_linear_add(const at::Tensor& input, const at::Tensor& residual,
                             const at::Tensor& weight, const at::Tensor& bias) {
  static const auto call =
      find_operator<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                               const std::optional<at::Tensor>&, std::string_view)>(
          "mkldnn::_linear_pointwise", "binary");
  return call.call(input, residual, weight, bias.defined() ? std::optional(bias) : std::nullopt,
                   "add");
}

bool can_pack(const at::Tensor& weight) {
  return weight.device().is_cpu() && at::globalContext().userEnabledMkldnn() &&
         c10::Dispatcher::singleton().findSchema({"mkldnn::_reorder_linear_weight", ""});
}

// As transformers' ACT2FN (transformers, activations.py).
at::Tensor apply(Activation activation, const at::Tensor& input) {
  switch (activation) {
    case Activation::kQuickGelu:
      return input * at::sigmoid(1.702 * input);
    case Activation::kGelu:
      return at::gelu(input);
    case Activation::kGeluTanh:
      return at::gelu(input, "tanh");
    case Activation::kRelu:
      return at::relu(input);
    case Activation::kSilu:
      return at::silu(input);
  }
  TORCH_INTERNAL_ASSERT(false);
}

}  // namespace

Linear::Linear(at::Tensor weight, at::Tensor bias, Products products, const at::Tensor& usual) {
  if (products == Products::kInt8) {
    int8_.emplace(weight, bias, usual);
    return;
  }
  weight_ = std::move(weight);
  bias_ = std::move(bias);
  packed_ = can_pack(weight_);
  if (packed_) weight_ = reorder(weight_.contiguous());
}

at::Tensor Linear::operator()(const at::Tensor& input) const {
  ProductLog::note(*this, input);
  if (int8_) return (*int8_)(input);
  return packed_ ? packed_linear(input, weight_, bias_, "none", "")
                 : at::linear(input, weight_, bias_);
}

at::Tensor Linear::add_to(const at::Tensor& residual, const at::Tensor& input) const {
  ProductLog::note(*this, input);
  if (int8_) return (*int8_)(input, residual);
  if (packed_) return packed_linear_add(input, residual, weight_, bias_);
  return residual + at::linear(input, weight_, bias_);
}

at::Tensor Linear::activated(const at::Tensor& input, Activation activation) const {
  ProductLog::note(*this, input);
  if (int8_) return apply(activation, (*int8_)(input));
  if (packed_) {
    switch (activation) {
      case Activation::kGelu:
        return packed_linear(input, weight_, bias_, "gelu", "none");
      case Activation::kGeluTanh:
        return packed_linear(input, weight_, bias_, "gelu", "tanh");
      case Activation::kRelu:
        return packed_linear(input, weight_, bias_, "relu", "");
      case Activation::kSilu:
        return packed_linear(input, weight_, bias_, "swish", "");
      case Activation::kQuickGelu:
        break;
    }
  }
  return apply(activation, (*this)(input));
}

}  // namespace clipclap::model
