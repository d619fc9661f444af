// Rows of numbers to 8 bits and back.
#pragma once

#include <cstddef>
#include <cstdint>

namespace clipclap::model {

/// value ≈ scale · (byte − zero)
struct RowCode {
  float scale = 1;
  float zero = 0;
};

/// Codes a row by its own smallest and largest value: 0 stays 0, all else is exact to half a step.
/// A row with a number that is not finite gets a scale that is none.
RowCode quantize_row(const float* values, std::size_t count, std::uint8_t* bytes);

/// What a product of codes means, in place: sums[i] = scale · (sums[i] − zero · column_sums[i]) +
/// bias[i] + residual[i], where column_sums are those of the weights. `residual` may be null.
void dequantize_row(float* sums, std::size_t count, const RowCode& code, const float* column_sums,
                    const float* bias, const float* residual);

}  // namespace clipclap::model
