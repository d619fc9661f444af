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

/// Calls `prepare(most weights of a window)`, then `take(i, window, weights)` for each output.
template <typename Prepare, typename Take>
void for_each_window(Filter filter, const AxisScale& axis, int first, int count, Prepare&& prepare,
                     Take&& take) {
  const Kernel& kernel = find_kernel(filter);
  const double filter_scale = std::max(axis.scale, 1.0);
  const double inverse_scale = 1.0 / filter_scale;
  const double support = kernel.support * filter_scale;
  std::vector<double> values(static_cast<std::size_t>(std::ceil(support)) * 2 + 1);
  prepare(static_cast<int>(values.size()));
  for (int i = 0; i < count; ++i) {
    const double center = (first + i + 0.5) * axis.scale + axis.offset;
    // Only a chroma sample that stands beside the picture's edge has a centre beyond the inputs.
    const int begin =
        std::clamp(static_cast<int>(std::floor(center - support + 0.5)), 0, axis.input_size - 1);
    const int end = std::clamp(static_cast<int>(std::floor(center + support + 0.5)), begin + 1,
                               axis.input_size);
    double sum = 0.0;
    for (int tap = 0; tap < end - begin; ++tap) {
      const double value = kernel.value((tap + begin - center + 0.5) * inverse_scale);
      values[static_cast<std::size_t>(tap)] = value;
      sum += value;
    }
    if (sum != 0.0) {
      for (auto& value : values) value /= sum;
    }
    take(static_cast<std::size_t>(i), AxisWeights::Window{begin, end - begin}, values);
  }
}

template <typename Weights, typename Convert>
Weights make_weights(Filter filter, const AxisScale& axis, int first, int count,
                     Convert&& convert) {
  Weights result;
  const auto rows = static_cast<std::size_t>(count);
  result.windows.resize(rows);
  for_each_window(
      filter, axis, first, count,
      [&](int stride) {
        result.stride = stride;
        result.weights.assign(rows * static_cast<std::size_t>(stride), 0);
      },
      [&](std::size_t i, const AxisWeights::Window& window, const std::vector<double>& values) {
        result.windows[i] = window;
        std::transform(values.begin(), values.begin() + window.count,
                       result.weights.begin() + static_cast<std::ptrdiff_t>(i) * result.stride,
                       convert);
      });
  return result;
}

}  // namespace

AxisWeights axis_weights(Filter filter, const AxisScale& axis, int first, int count) {
  return make_weights<AxisWeights>(filter, axis, first, count, to_fixed_point);
}

RealAxisWeights real_axis_weights(Filter filter, const AxisScale& axis, int first, int count) {
  return make_weights<RealAxisWeights>(filter, axis, first, count,
                                       [](double weight) { return static_cast<float>(weight); });
}

RealAxisWeights compose(const RealAxisWeights& outer, const RealAxisWeights& inner,
                        int inner_first) {
  const auto inner_at = [&](int position) {
    return static_cast<std::size_t>(position - inner_first);
  };
  RealAxisWeights result{.stride = 0, .windows = {}, .weights = {}};
  for (const auto& window : outer.windows) {
    const int begin = inner.windows[inner_at(window.first)].first;
    const auto& last = inner.windows[inner_at(window.first + window.count - 1)];
    result.windows.push_back({begin, last.first + last.count - begin});
    result.stride = std::max(result.stride, result.windows.back().count);
  }
  result.weights.assign(result.windows.size() * static_cast<std::size_t>(result.stride), 0);
  for (std::size_t i = 0; i < outer.windows.size(); ++i) {
    float* weights = &result.weights[i * static_cast<std::size_t>(result.stride)];
    for (int tap = 0; tap < outer.windows[i].count; ++tap) {
      const auto from = inner_at(outer.windows[i].first + tap);
      const auto& window = inner.windows[from];
      const float weight =
          outer.weights[i * static_cast<std::size_t>(outer.stride) + static_cast<std::size_t>(tap)];
      for (int k = 0; k < window.count; ++k) {
        weights[window.first - result.windows[i].first + k] +=
            weight * inner.weights[from * static_cast<std::size_t>(inner.stride) +
                                   static_cast<std::size_t>(k)];
      }
    }
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
