// A checkpoint's tensors as LibTorch sees them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>

#include "checkpoint/safetensors.h"

namespace clipclap::model {

/// Hands out tensors by name below a prefix, as float32. A float32 tensor is a view of the mapped
/// file and must not outlive the TensorMap or be written to; other types are converted copies.
class Weights {
 public:
  explicit Weights(checkpoint::TensorMap& tensors, std::string prefix = {})
      : tensors_(&tensors), prefix_(std::move(prefix)) {}

  /// The same tensors with "name." put before every name.
  Weights below(std::string_view name) const;
  Weights below(std::string_view name, int index) const;

  /// Throws Error (kInvalidData) where the tensor is missing or has another shape.
  at::Tensor tensor(std::string_view name, std::initializer_list<std::int64_t> shape) const;

  bool contains(std::string_view name) const;

 private:
  checkpoint::TensorMap* tensors_;
  std::string prefix_;
};

}  // namespace clipclap::model
