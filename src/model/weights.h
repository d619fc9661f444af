// A checkpoint's tensors as LibTorch sees them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>

#include "checkpoint/safetensors.h"
#include "model/precision.h"

namespace clipclap::model {

/// Hands out tensors by name below a prefix. A tensor that is stored in the type asked for is a
/// view of the mapped file and must not outlive it or be written to; others are copies.
class Weights {
 public:
  explicit Weights(checkpoint::TensorMap& tensors, const Arithmetic& arithmetic = {},
                   std::string prefix = {})
      : tensors_(&tensors), arithmetic_(arithmetic), prefix_(std::move(prefix)) {}

  /// The type and the device of what is computed with.
  at::TensorOptions options() const { return arithmetic_.options(); }
  /// How the layers of towers compute their products.
  Products products() const { return arithmetic_.products; }

  /// The same for a tower of texts, which runs once and is worth no loss.
  Weights for_texts() const {
    return Weights(*tensors_, {.type = arithmetic_.type, .device = arithmetic_.device}, prefix_);
  }

  /// The same tensors with "name." put before every name.
  Weights below(std::string_view name) const;
  Weights below(std::string_view name, int index) const;

  /// In the type of the arithmetic, on its device. Throws Error (kInvalidData) where the tensor is
  /// missing or has another shape.
  at::Tensor tensor(std::string_view name, std::initializer_list<std::int64_t> shape) const;
  /// The same as float32 and with the processor, for what is computed once at loading.
  at::Tensor exact(std::string_view name, std::initializer_list<std::int64_t> shape) const;
  /// The one number of a tensor of shape [] or [1].
  double scalar(std::string_view name) const;

  bool contains(std::string_view name) const;
  /// Says that a tensor, or all below a name, is known and of no use here.
  void leave_out(std::string_view name) const;

 private:
  at::Tensor stored(std::string_view name, std::initializer_list<std::int64_t> shape) const;

  checkpoint::TensorMap* tensors_;
  Arithmetic arithmetic_;
  std::string prefix_;
};

}  // namespace clipclap::model
