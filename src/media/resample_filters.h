// The weights of Pillow's resampling filters.
#pragma once

#include <cstdint>
#include <vector>

#include "media/preprocessing.h"

namespace clipclap::media {

/// Weights are fixed point: 32 bits less 8 for the pixel and 2 for a filter's overshoot
/// (Resample.c, PRECISION_BITS).
inline constexpr int kWeightBits = 32 - 8 - 2;

/// For output positions `first` … `first + count - 1` of one axis: which inputs they take, and how
/// much of each.
struct AxisWeights {
  struct Window {
    int first = 0;  ///< input position of the first weight
    int count = 0;
  };
  int stride = 0;                     ///< weights stored for a window, unused ones 0
  std::vector<Window> windows;        ///< one for each output position
  std::vector<std::int32_t> weights;  ///< windows.size() × stride
};

/// How an axis is resampled where its inputs need not fill it: output i's centre lies at
/// (i + 0.5) · scale + offset, counted from the first input's near edge.
struct AxisScale {
  double scale = 1;
  double offset = 0;
  int input_size = 0;
};

/// Weights for the outputs from `first` on (Resample.c, precompute_coeffs and
/// normalize_coeffs_8bpc). `filter` is not kNearest.
AxisWeights axis_weights(Filter filter, const AxisScale& axis, int first, int count);

/// The same weights as they are before they are rounded, for sums in floating point.
struct RealAxisWeights {
  int stride = 0;
  std::vector<AxisWeights::Window> windows;
  std::vector<float> weights;
};
RealAxisWeights real_axis_weights(Filter filter, const AxisScale& axis, int first, int count);

/// The weights of `outer` for inputs that are themselves made by `inner`: one step for two. `inner`
/// has a window for each position from `inner_first` on.
RealAxisWeights compose(const RealAxisWeights& outer, const RealAxisWeights& inner,
                        int inner_first);

/// The input position of each output (Geometry.c, ImagingScaleAffine): steps are added up one by
/// one, whose rounding is part of the result.
std::vector<int> nearest_positions(int input_size, int output_size, int first, int count);

}  // namespace clipclap::media
