// Which arithmetic a model computes with, and where.
#pragma once

#include <optional>
#include <vector>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>
#include <c10/core/TensorOptions.h>

#include <clipclap/model.h>

#include "model/blocks/linear.h"

namespace clipclap::model {

struct Arithmetic {
  at::ScalarType type = at::kFloat;  ///< of weights and states
  Products products = Products::kPlain;
  at::Device device = at::kCPU;

  at::TensorOptions options() const { return at::TensorOptions().dtype(type).device(device); }
};

/// Without a precision: float32 on a processor, elsewhere as kAuto. Throws Error (kUnsupported) for
/// one that the processor would only emulate, slower than float32.
Arithmetic arithmetic_of(std::optional<Precision> precision, at::Device device);

/// What the processor computes itself.
std::vector<Precision> processor_precisions();

/// The name that Precision gives it.
std::string_view precision_name(const Arithmetic& arithmetic);

}  // namespace clipclap::model
