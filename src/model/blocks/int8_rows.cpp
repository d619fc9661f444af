#include "model/blocks/int8_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/vector_clones.h"

namespace clipclap::model {
namespace {

struct Range {
  float least = 0;
  float most = 0;
  bool is_finite = true;
};

// GCC makes no vectors of a loop that looks for the smallest and the largest at once.
using Lanes = float __attribute__((vector_size(64)));
constexpr std::size_t kLanes = sizeof(Lanes) / sizeof(float);

/// 0 is always within.
CLIPCLAP_REAL_VECTOR_CLONES Range range_of(const float* values, std::size_t count) {
  Lanes least{};
  Lanes most{};
  Lanes nothing{};  // 0 times each value, which is no number where that is none
  std::size_t begin = 0;
  for (; begin + kLanes <= count; begin += kLanes) {
    Lanes lanes;
    std::memcpy(&lanes, values + begin, sizeof lanes);
    least = lanes < least ? lanes : least;
    most = lanes > most ? lanes : most;
    nothing += lanes * 0;
  }
  Range range;
  const auto widen = [&range](float low, float high, float none) {
    range.least = std::min(range.least, low);
    range.most = std::max(range.most, high);
    range.is_finite = range.is_finite && none == 0;
  };
  for (std::size_t lane = 0; lane < kLanes; ++lane) widen(least[lane], most[lane], nothing[lane]);
  for (; begin < count; ++begin) widen(values[begin], values[begin], values[begin] * 0);
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
