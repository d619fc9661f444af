#include "media/resample_filters.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <clipclap/error.h>

namespace clipclap::media {
namespace {

double box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

double bilinear(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double hamming(double x) {
  x = std::fabs(x);
  if (x == 0.0) return 1.0;
  if (x >= 1.0) return 0.0;
  x *= std::numbers::pi;
  return std::sin(x) / x * (0.54 + 0.46 * std::cos(x));
}

/// Keys' kernel with a = -0.5.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

struct Kernel {
  Filter filter;
  double (*value)(double);
  double support;  ///< beyond this distance the value is 0
};

constexpr Kernel kKernels[] = {
    {Filter::kLanczos, lanczos, 3.0}, {Filter::kBilinear, bilinear, 1.0},
    {Filter::kBicubic, bicubic, 2.0}, {Filter::kBox, box, 0.5},
    {Filter::kHamming, hamming, 1.0},
};

const Kernel& find_kernel(Filter filter) {
  for (const Kernel& kernel : kKernels) {
    if (kernel.filter == filter) return kernel;
  }
  throw Error(ErrorCode::kInvalidArgument, "not a resampling filter; use 0 to 5 as Pillow does");
}

std::int32_t to_fixed_point(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<std::int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

AxisWeights axis_weights(Filter filter, int input_size, int output_size, int first, int count) {
  const Kernel& kernel = find_kernel(filter);
  const double scale = static_cast<double>(input_size) / output_size;
  const double filter_scale = std::max(scale, 1.0);
  const double inverse_scale = 1.0 / filter_scale;
  const double support = kernel.support * filter_scale;

  AxisWeights result;
  result.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  result.windows.resize(static_cast<std::size_t>(count));
  result.weights.assign(static_cast<std::size_t>(count) * static_cast<std::size_t>(result.stride),
                        0);
  std::vector<double> values(static_cast<std::size_t>(result.stride));
  for (int i = 0; i < count; ++i) {
    const double center = (first + i + 0.5) * scale;
    const int begin = std::max(static_cast<int>(std::floor(center - support + 0.5)), 0);
    const int end = std::min(static_cast<int>(std::floor(center + support + 0.5)), input_size);
    const int taps = end - begin;
    double sum = 0.0;
    for (int tap = 0; tap < taps; ++tap) {
      const double value = kernel.value((tap + begin - center + 0.5) * inverse_scale);
      values[static_cast<std::size_t>(tap)] = value;
      sum += value;
    }
    std::int32_t* weights =
        &result.weights[static_cast<std::size_t>(i) * static_cast<std::size_t>(result.stride)];
    for (int tap = 0; tap < taps; ++tap) {
      const double value = values[static_cast<std::size_t>(tap)];
      weights[tap] = to_fixed_point(sum != 0.0 ? value / sum : value);
    }
    result.windows[static_cast<std::size_t>(i)] = {begin, taps};
  }
  return result;
}

std::vector<int> nearest_positions(int input_size, int output_size, int first, int count) {
  const double step = static_cast<double>(input_size) / output_size;
  std::vector<int> positions(static_cast<std::size_t>(count));
  double position = step * 0.5;
  for (int i = 0; i < first + count; ++i) {
    if (i >= first) {
      positions[static_cast<std::size_t>(i - first)] =
          std::min(static_cast<int>(position), input_size - 1);
    }
    position += step;
  }
  return positions;
}

}  // namespace clipclap::media
