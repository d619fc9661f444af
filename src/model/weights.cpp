#include "model/weights.h"

#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap::model {
namespace {

using checkpoint::DataType;
using checkpoint::TensorView;

at::ScalarType scalar_type(const TensorView& view, const std::string& name) {
  switch (view.type) {
    case DataType::kFloat64:
      return at::kDouble;
    case DataType::kFloat32:
      return at::kFloat;
    case DataType::kFloat16:
      return at::kHalf;
    case DataType::kBfloat16:
      return at::kBFloat16;
    default:
      throw Error(
          ErrorCode::kUnsupported,
          fmt::format("tensor \"{}\" is stored as {}; weights must be F32, F16, BF16 or F64", name,
                      to_string(view.type)),
          view.file);
  }
}

at::Tensor as_stored(const TensorView& view, const std::string& name) {
  const auto type = scalar_type(view, name);
  // LibTorch takes a mutable pointer; nothing here writes through it.
  auto* data = const_cast<std::byte*>(view.data.data());
  const auto bytes = at::from_blob(
      data, {static_cast<std::int64_t>(view.data.size())}, [kept = view.copy](void* /*data*/) {},
      at::kByte);
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % at::elementSize(type) == 0;
  return (aligned ? bytes : bytes.clone()).view(type).view(view.shape);
}

}  // namespace

Weights Weights::below(std::string_view name) const {
  return Weights(*tensors_, arithmetic_, fmt::format("{}{}.", prefix_, name));
}

Weights Weights::below(std::string_view name, int index) const {
  return Weights(*tensors_, arithmetic_, fmt::format("{}{}.{}.", prefix_, name, index));
}

at::Tensor Weights::tensor(std::string_view name, std::initializer_list<std::int64_t> shape) const {
  return stored(name, shape).to(arithmetic_.options());
}

at::Tensor Weights::exact(std::string_view name, std::initializer_list<std::int64_t> shape) const {
  return stored(name, shape).to(at::kFloat);
}

double Weights::scalar(std::string_view name) const {
  const auto* found = tensors_->find(fmt::format("{}{}", prefix_, name));
  const bool is_list = found != nullptr && found->shape.size() == 1;
  return (is_list ? stored(name, {1}) : stored(name, {})).item<double>();
}

at::Tensor Weights::stored(std::string_view name, std::initializer_list<std::int64_t> shape) const {
  const auto full_name = fmt::format("{}{}", prefix_, name);
  return as_stored(tensors_->require(full_name, {shape.begin(), shape.size()}), full_name);
}

bool Weights::contains(std::string_view name) const {
  return tensors_->find(fmt::format("{}{}", prefix_, name)) != nullptr;
}

void Weights::leave_out(std::string_view name) const {
  tensors_->leave_out(fmt::format("{}{}", prefix_, name));
}

}  // namespace clipclap::model
