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

/// Weights for an axis of `input_size` positions that becomes one of `output_size`
/// (Resample.c, precompute_coeffs and normalize_coeffs_8bpc). `filter` is not kNearest.
AxisWeights axis_weights(Filter filter, int input_size, int output_size, int first, int count);

/// The input position of each output (Geometry.c, ImagingScaleAffine): steps are added up one by
/// one, whose rounding is part of the result.
std::vector<int> nearest_positions(int input_size, int output_size, int first, int count);

}  // namespace clipclap::media
