// Which arithmetic a model computes with.
#pragma once

#include <c10/core/ScalarType.h>

#include <clipclap/model.h>

#include "model/blocks/linear.h"

namespace clipclap::model {

struct Arithmetic {
  at::ScalarType type = at::kFloat;  ///< of weights and states
  Products products = Products::kPlain;
};

/// Throws Error (kUnsupported) for one that this processor would only emulate, slower than float32.
Arithmetic arithmetic_of(Precision precision);

/// The name that Precision gives it.
std::string_view precision_name(const Arithmetic& arithmetic);

}  // namespace clipclap::model
