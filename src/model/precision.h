// Which arithmetic a model computes with.
#pragma once

#include <c10/core/ScalarType.h>

#include <clipclap/model.h>

namespace clipclap::model {

/// Throws Error (kUnsupported) for one that this processor would only emulate, slower than float32.
at::ScalarType arithmetic_type(Precision precision);

/// The name that Precision gives it.
std::string_view precision_name(at::ScalarType type);

}  // namespace clipclap::model
