#include "model/blocks/int8_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/vector_clones.h"

namespace clipclap::model {
namespace {

struct Range {
  float least = 0;
  float most = 0;
  bool is_finite = true;
};

/// 0 is always within.
CLIPCLAP_REAL_VECTOR_CLONES Range range_of(const float* __restrict values, std::size_t count) {
  constexpr std::size_t kLanes = 16;
  float least[kLanes] = {};
  float most[kLanes] = {};
  float nothing[kLanes] = {};  // 0 times each value, which is no number where that is none
  std::size_t begin = 0;
  for (; begin + kLanes <= count; begin += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float value = values[begin + lane];
      least[lane] = value < least[lane] ? value : least[lane];
      most[lane] = value > most[lane] ? value : most[lane];
      nothing[lane] += value * 0;
    }
  }
  Range range{*std::min_element(least, least + kLanes), *std::max_element(most, most + kLanes)};
  for (; begin < count; ++begin) {
    range.least = std::min(range.least, values[begin]);
    range.most = std::max(range.most, values[begin]);
    nothing[0] += values[begin] * 0;
  }
  for (const float none : nothing) range.is_finite = range.is_finite && none == 0;
  return range;
}

CLIPCLAP_REAL_VECTOR_CLONES void encode(const float* __restrict values, std::size_t count,
                                        float factor, float shift, std::uint8_t* __restrict bytes) {
  for (std::size_t i = 0; i < count; ++i) {
    // Within 0 … 255 by the choice of both.
    bytes[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(values[i] * factor + shift));
  }
}

CLIPCLAP_REAL_VECTOR_CLONES void decode(float* __restrict sums, std::size_t count, float scale,
                                        float zero, const float* __restrict column_sums,
                                        const float* __restrict bias) {
  for (std::size_t i = 0; i < count; ++i) {
    sums[i] = scale * (sums[i] - zero * column_sums[i]) + bias[i];
  }
}

CLIPCLAP_REAL_VECTOR_CLONES void add(float* __restrict sums, std::size_t count,
                                     const float* __restrict residual) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += residual[i];
}

}  // namespace

RowCode quantize_row(const float* values, std::size_t count, std::uint8_t* bytes) {
  // One step less than there are, since zero is a whole number and both ends are rounded.
  constexpr float kSteps = 254;
  const Range range = range_of(values, count);
  const float scale = (range.most - range.least) / kSteps;
  if (!range.is_finite || !(scale >= std::numeric_limits<float>::min())) {
    // Nothing but zeros; or broken, which the end of the tower is to notice.
    std::fill_n(bytes, count, std::uint8_t{0});
    return {range.is_finite ? 1.0F : std::numeric_limits<float>::quiet_NaN(), 0};
  }
  const float zero = std::round(-range.least / scale);
  encode(values, count, 1 / scale, zero + 0.5F, bytes);  // the half rounds
  return {scale, zero};
}

void dequantize_row(float* sums, std::size_t count, const RowCode& code, const float* column_sums,
                    const float* bias, const float* residual) {
  decode(sums, count, code.scale, code.zero, column_sums, bias);
  if (residual != nullptr) add(sums, count, residual);
}

}  // namespace clipclap::model
