#include "media/resample.h"

#include <algorithm>
#include <cstring>

#include "base/vector_clones.h"
#include "media/resample_filters.h"

namespace clipclap::media {
namespace {

constexpr int kChannels = 3;
/// Lanes of the horizontal pass: a multiple of 8 for the vectors and of 3 so that a lane always
/// meets the same channel.
constexpr int kLanes = 24;
constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

std::size_t size_of(int value) { return static_cast<std::size_t>(value); }

/// Horizontal weights laid out for interleaved RGB: each weight three times, each window padded
/// with zeros to a whole number of lane groups.
struct InterleavedWeights {
  int groups = 0;  ///< of kLanes, for each output column
  std::vector<std::int32_t> weights;
};

InterleavedWeights interleave(const AxisWeights& axis) {
  int longest = 1;
  for (const auto& window : axis.windows) longest = std::max(longest, window.count);
  InterleavedWeights result;
  result.groups = (longest * kChannels + kLanes - 1) / kLanes;
  const std::size_t stride = size_of(result.groups) * kLanes;
  result.weights.assign(axis.windows.size() * stride, 0);
  for (std::size_t i = 0; i < axis.windows.size(); ++i) {
    for (int tap = 0; tap < axis.windows[i].count; ++tap) {
      const std::int32_t weight = axis.weights[i * size_of(axis.stride) + size_of(tap)];
      std::fill_n(&result.weights[i * stride + size_of(tap * kChannels)], kChannels, weight);
    }
  }
  return result;
}

/// One row of the horizontal pass. `row` is readable for a lane group beyond its last window.
CLIPCLAP_VECTOR_CLONES void resample_row(const std::uint8_t* __restrict row,
                                         const AxisWeights::Window* windows, std::size_t columns,
                                         const std::int32_t* __restrict weights, int groups,
                                         std::uint8_t* __restrict output) {
  for (std::size_t column = 0; column < columns; ++column) {
    const std::uint8_t* pixels = row + size_of(windows[column].first) * kChannels;
    std::int32_t sums[kLanes] = {};
    for (int group = 0; group < groups; ++group) {
      for (int lane = 0; lane < kLanes; ++lane) sums[lane] += pixels[lane] * weights[lane];
      pixels += kLanes;
      weights += kLanes;
    }
    for (int channel = 0; channel < kChannels; ++channel) {
      std::int32_t sum = kHalf;
      for (int lane = channel; lane < kLanes; lane += kChannels) sum += sums[lane];
      *output++ = static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
    }
  }
}

/// One row of the vertical pass: the weighted sum of `taps` rows that lie `stride` bytes apart.
CLIPCLAP_VECTOR_CLONES void combine_rows(const std::uint8_t* __restrict rows, std::size_t stride,
                                         std::size_t row_bytes,
                                         const std::int32_t* __restrict weights, int taps,
                                         std::uint8_t* __restrict output) {
  constexpr std::size_t kBlock = 64;
  std::size_t begin = 0;
  for (; begin + kBlock <= row_bytes; begin += kBlock) {
    std::int32_t sums[kBlock];
    std::fill_n(sums, kBlock, kHalf);
    for (int tap = 0; tap < taps; ++tap) {
      const std::uint8_t* row = rows + size_of(tap) * stride + begin;
      for (std::size_t i = 0; i < kBlock; ++i) sums[i] += row[i] * weights[tap];
    }
    for (std::size_t i = 0; i < kBlock; ++i) {
      output[begin + i] = static_cast<std::uint8_t>(std::clamp(sums[i] >> kWeightBits, 0, 255));
    }
  }
  for (; begin < row_bytes; ++begin) {
    std::int32_t sum = kHalf;
    for (int tap = 0; tap < taps; ++tap) sum += rows[size_of(tap) * stride + begin] * weights[tap];
    output[begin] = static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
  }
}

/// Packed rows of RGB that stand for a part of a picture: positions count from the picture's
/// corner, `region` is what is there.
struct Part {
  const std::uint8_t* pixels = nullptr;
  Region region;

  std::size_t row_bytes() const { return size_of(region.width) * kChannels; }
  const std::uint8_t* at(int x, int y) const {
    return pixels + size_of(y - region.top) * row_bytes() + size_of(x - region.left) * kChannels;
  }
};

/// The inputs that a run of outputs takes, all together.
struct Extent {
  int first = 0;
  int count = 0;
};

Extent extent_of(const AxisWeights& axis) {
  const int first = axis.windows.front().first;
  return {first, axis.windows.back().first + axis.windows.back().count - first};
}

std::vector<std::uint8_t> make_pixels(const Region& region) {
  return std::vector<std::uint8_t>(size_of(region.width) * size_of(region.height) * kChannels);
}

/// Resamples the columns of `source` to those of `region`, whose rows `source` has.
std::vector<std::uint8_t> horizontal_pass(const Part& source, const AxisWeights& axis,
                                          const Region& region) {
  const auto weights = interleave(axis);
  const Extent columns = extent_of(axis);
  std::vector<AxisWeights::Window> windows = axis.windows;
  for (auto& window : windows) window.first -= columns.first;
  // Each row is copied to where reading a lane group too far is harmless.
  const std::size_t used_bytes = size_of(columns.count) * kChannels;
  std::vector<std::uint8_t> row(used_bytes + size_of(weights.groups) * kLanes);
  auto output = make_pixels(region);
  const std::size_t output_bytes = size_of(region.width) * kChannels;
  for (int y = 0; y < region.height; ++y) {
    std::memcpy(row.data(), source.at(columns.first, region.top + y), used_bytes);
    resample_row(row.data(), windows.data(), windows.size(), weights.weights.data(), weights.groups,
                 &output[size_of(y) * output_bytes]);
  }
  return output;
}

/// Resamples the rows of `source` to those of `region`, whose columns `source` has.
std::vector<std::uint8_t> vertical_pass(const Part& source, const AxisWeights& axis,
                                        const Region& region) {
  auto output = make_pixels(region);
  const std::size_t output_bytes = size_of(region.width) * kChannels;
  for (int y = 0; y < region.height; ++y) {
    const auto& window = axis.windows[size_of(y)];
    combine_rows(source.at(region.left, window.first), source.row_bytes(), output_bytes,
                 &axis.weights[size_of(y) * size_of(axis.stride)], window.count,
                 &output[size_of(y) * output_bytes]);
  }
  return output;
}

std::vector<std::uint8_t> copy_region(const Part& source, const Region& region) {
  auto output = make_pixels(region);
  const std::size_t output_bytes = size_of(region.width) * kChannels;
  for (int y = 0; y < region.height; ++y) {
    std::memcpy(&output[size_of(y) * output_bytes], source.at(region.left, region.top + y),
                output_bytes);
  }
  return output;
}

std::vector<std::uint8_t> resample_nearest(const Part& source, int width, int height,
                                           const Region& region) {
  const auto columns = nearest_positions(source.region.width, width, region.left, region.width);
  const auto rows = nearest_positions(source.region.height, height, region.top, region.height);
  auto output = make_pixels(region);
  std::uint8_t* pixel = output.data();
  for (const int y : rows) {
    for (const int x : columns) {
      std::memcpy(pixel, source.at(x, y), kChannels);
      pixel += kChannels;
    }
  }
  return output;
}

/// Which pass Pillow runs first shows in the rounding between them: since version 13 the vertical
/// one where the height shrinks by more than twice what the width does (in pixels).
bool is_vertical_first(const Picture& picture, int width, int height) {
  return picture.height > height && picture.height - height > 2 * (picture.width - width);
}

}  // namespace

std::vector<std::uint8_t> resample(const Picture& picture, int width, int height,
                                   const Region& region, Filter filter) {
  const Part source{picture.rgb.data(), {0, 0, picture.width, picture.height}};
  if (filter == Filter::kNearest) return resample_nearest(source, width, height, region);
  const Box whole{static_cast<double>(picture.width), static_cast<double>(picture.height)};
  return resample(picture, whole, width, height, region, filter);
}

std::vector<std::uint8_t> resample(const Picture& picture, const Box& box, int width, int height,
                                   const Region& region, Filter filter) {
  const Part source{picture.rgb.data(), {0, 0, picture.width, picture.height}};
  // An axis that keeps its size is not touched.
  const bool horizontal = width != picture.width || box.width != width;
  const bool vertical = height != picture.height || box.height != height;
  AxisWeights x_axis;
  AxisWeights y_axis;
  if (horizontal) {
    const AxisScale scale{.scale = box.width / width, .input_size = picture.width};
    x_axis = axis_weights(filter, scale, region.left, region.width);
  }
  if (vertical) {
    const AxisScale scale{.scale = box.height / height, .input_size = picture.height};
    y_axis = axis_weights(filter, scale, region.top, region.height);
  }
  if (!horizontal && !vertical) return copy_region(source, region);
  if (!vertical) return horizontal_pass(source, x_axis, region);
  if (!horizontal) return vertical_pass(source, y_axis, region);

  // What the second pass takes is all that the first one makes.
  Region between = region;
  if (is_vertical_first(picture, width, height)) {
    const Extent columns = extent_of(x_axis);
    between.left = columns.first;
    between.width = columns.count;
    const auto pixels = vertical_pass(source, y_axis, between);
    return horizontal_pass({pixels.data(), between}, x_axis, region);
  }
  const Extent rows = extent_of(y_axis);
  between.top = rows.first;
  between.height = rows.count;
  const auto pixels = horizontal_pass(source, x_axis, between);
  return vertical_pass({pixels.data(), between}, y_axis, region);
}

}  // namespace clipclap::media
