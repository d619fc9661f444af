#include "media/yuv_resampler.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <bit>
#include <cstddef>

#include "base/vector_clones.h"

namespace clipclap::media {
namespace {

/// Lanes that are summed side by side along a row; rows are readable so far beyond their last one.
constexpr int kLanes = 8;

std::size_t size_of(int value) { return static_cast<std::size_t>(value); }

struct Rows {
  const std::uint8_t* data;
  std::ptrdiff_t stride;  ///< bytes from row to row
};

/// target[i] = Σ weights[t] · row t [i]
template <typename Sample>
[[gnu::always_inline]] inline void mix(const Rows& rows, const float* __restrict weights, int taps,
                                       std::size_t count, float* __restrict target) {
  constexpr std::size_t kBlock = 64;
  std::size_t begin = 0;
  for (; begin + kBlock <= count; begin += kBlock) {
    float sums[kBlock] = {};
    for (int tap = 0; tap < taps; ++tap) {
      const auto* row = reinterpret_cast<const Sample*>(rows.data + tap * rows.stride) + begin;
      for (std::size_t i = 0; i < kBlock; ++i) sums[i] += weights[tap] * static_cast<float>(row[i]);
    }
    std::copy_n(sums, kBlock, target + begin);
  }
  for (; begin < count; ++begin) {
    float sum = 0;
    for (int tap = 0; tap < taps; ++tap) {
      const auto* row = reinterpret_cast<const Sample*>(rows.data + tap * rows.stride);
      sum += weights[tap] * static_cast<float>(row[begin]);
    }
    target[begin] = sum;
  }
}

CLIPCLAP_REAL_VECTOR_CLONES void mix_bytes(const Rows& rows, const float* weights, int taps,
                                           std::size_t count, float* target) {
  mix<std::uint8_t>(rows, weights, taps, count, target);
}

CLIPCLAP_REAL_VECTOR_CLONES void mix_words(const Rows& rows, const float* weights, int taps,
                                           std::size_t count, float* target) {
  mix<std::uint16_t>(rows, weights, taps, count, target);
}

/// target[i] = Σ weights[i][k] · row[first of window i + k - origin]
CLIPCLAP_REAL_VECTOR_CLONES void narrow(const float* __restrict row, int origin,
                                        const AxisWeights::Window* windows, std::size_t count,
                                        const float* __restrict weights, int stride,
                                        float* __restrict target) {
  for (std::size_t i = 0; i < count; ++i, weights += stride) {
    const float* values = row + (windows[i].first - origin);
    float sums[kLanes] = {};
    for (int k = 0; k < stride; k += kLanes) {
      for (int lane = 0; lane < kLanes; ++lane) sums[lane] += values[k + lane] * weights[k + lane];
    }
    target[i] =
        ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
  }
}

CLIPCLAP_REAL_VECTOR_CLONES void to_rgb(const float* __restrict y, const float* __restrict u,
                                        const float* __restrict v, std::size_t count,
                                        const YuvToRgb& colours, std::uint8_t* __restrict target) {
  for (std::size_t i = 0; i < count; ++i) {
    const float luma = colours.luma * (y[i] - colours.luma_offset) + 0.5F;
    const float blue = u[i] - colours.chroma_offset;
    const float red = v[i] - colours.chroma_offset;
    const float rgb[3] = {luma + colours.red_v * red,
                          luma + colours.green_u * blue + colours.green_v * red,
                          luma + colours.blue_u * blue};
    for (std::size_t channel = 0; channel < 3; ++channel) {
      target[3 * i + channel] = static_cast<std::uint8_t>(std::clamp(rgb[channel], 0.0F, 255.0F));
    }
  }
}

/// The same weights, so many more of them 0 that each output has whole groups of lanes.
RealAxisWeights pad_to_lanes(const RealAxisWeights& axis) {
  int longest = 1;
  for (const auto& window : axis.windows) longest = std::max(longest, window.count);
  RealAxisWeights padded{
      .stride = (longest + kLanes - 1) / kLanes * kLanes, .windows = axis.windows, .weights = {}};
  padded.weights.assign(axis.windows.size() * size_of(padded.stride), 0);
  for (std::size_t i = 0; i < axis.windows.size(); ++i) {
    std::copy_n(&axis.weights[i * size_of(axis.stride)], axis.windows[i].count,
                &padded.weights[i * size_of(padded.stride)]);
  }
  return padded;
}

bool is_planar_yuv(const AVPixFmtDescriptor& format) {
  constexpr auto kOther = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                          AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
  if ((format.flags & kOther) != 0 || format.nb_components < 3) return false;
  const auto& luma = format.comp[0];
  const int bytes = luma.depth > 8 ? 2 : 1;
  const bool is_foreign =
      ((format.flags & AV_PIX_FMT_FLAG_BE) != 0) != (std::endian::native == std::endian::big);
  if (luma.step != bytes || luma.offset != 0 || (bytes == 2 && is_foreign)) return false;
  return std::all_of(format.comp + 1, format.comp + 3, [&](const AVComponentDescriptor& chroma) {
    return chroma.plane != luma.plane && chroma.depth == luma.depth &&
           (chroma.step == bytes || chroma.step == 2 * bytes);
  });
}

RealAxisWeights luma_weights(Filter filter, int input, int output, int first, int count) {
  const AxisScale axis{.scale = static_cast<double>(input) / output, .input_size = input};
  return real_axis_weights(filter, axis, first, count);
}

/// Of every 2^shift-th sample, the first of which stands `position` behind luma's first.
RealAxisWeights chroma_weights(const RealAxisWeights& luma, int input, int shift, double position,
                               Filter filter) {
  if (shift == 0) return luma;
  const int step = 1 << shift;
  const AxisScale axis{.scale = 1.0 / step,
                       .offset = 0.5 - (position + 0.5) / step,
                       .input_size = (input + step - 1) >> shift};
  const int first = luma.windows.front().first;
  const int end = luma.windows.back().first + luma.windows.back().count;
  return compose(luma, real_axis_weights(filter, axis, first, end - first), first);
}

int samples_used(const RealAxisWeights& axis) {
  return axis.windows.back().first + axis.windows.back().count - axis.windows.front().first;
}

}  // namespace

bool YuvResampler::can(const YuvOrder& order) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(order.format);
  const bool is_smooth = order.filter == Filter::kBicubic || order.filter == Filter::kBilinear ||
                         order.filter == Filter::kLanczos;
  return is_smooth && format != nullptr && is_planar_yuv(*format);
}

void YuvResampler::prepare(const YuvOrder& order) {
  const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(order.format);
  const auto& region = order.region;
  const auto columns =
      luma_weights(order.filter, order.input_width, order.width, region.left, region.width);
  const auto rows =
      luma_weights(order.filter, order.input_height, order.height, region.top, region.height);
  deep_ = format.comp[0].depth > 8;
  int widest = 0;
  for (int i = 0; i < 3; ++i) {
    const int shift_x = i == 0 ? 0 : format.log2_chroma_w;
    const int shift_y = i == 0 ? 0 : format.log2_chroma_h;
    const auto& component = format.comp[i];
    const int bytes = deep_ ? 2 : 1;
    auto& plane = planes_[i];
    plane.plane = component.plane;
    plane.step = component.step / bytes;
    plane.offset = component.offset / bytes;
    plane.columns = pad_to_lanes(
        chroma_weights(columns, order.input_width, shift_x, order.chroma_x, order.chroma_filter));
    plane.rows =
        chroma_weights(rows, order.input_height, shift_y, order.chroma_y, order.chroma_filter);
    widest = std::max(widest, plane.step * samples_used(plane.columns) + plane.columns.stride);
  }
  mixed_.assign(size_of(widest), 0);
  component_.assign(size_of(widest), 0);
  order_ = order;
}

void YuvResampler::resample_row(const AVFrame& frame, const Plane& plane, int row, float* target) {
  const auto& columns = plane.columns;
  const auto& first = columns.windows.front();
  const int count = samples_used(columns);
  const auto& window = plane.rows.windows[size_of(row)];
  const float* weights = &plane.rows.weights[size_of(row * plane.rows.stride)];
  const std::ptrdiff_t stride = frame.linesize[plane.plane];
  const int bytes = deep_ ? 2 : 1;
  const int begin = plane.step * first.first;
  const Rows rows{
      frame.data[plane.plane] + window.first * stride + static_cast<std::ptrdiff_t>(begin) * bytes,
      stride};
  const auto samples = size_of(plane.step * count);
  (deep_ ? mix_words : mix_bytes)(rows, weights, window.count, samples, mixed_.data());
  const float* values = mixed_.data();
  if (plane.step > 1) {
    for (int i = 0; i < count; ++i) {
      component_[size_of(i)] = mixed_[size_of(i * plane.step + plane.offset)];
    }
    values = component_.data();
  }
  narrow(values, first.first, columns.windows.data(), columns.windows.size(),
         columns.weights.data(), columns.stride, target);
}

std::vector<std::uint8_t> YuvResampler::operator()(const AVFrame& frame, const YuvOrder& order) {
  if (!(order == order_)) prepare(order);
  const auto width = size_of(order.region.width);
  std::vector<std::uint8_t> pixels(3 * width * size_of(order.region.height));
  std::vector<float> row(3 * width);
  for (int y = 0; y < order.region.height; ++y) {
    for (std::size_t i = 0; i < 3; ++i) resample_row(frame, planes_[i], y, &row[i * width]);
    to_rgb(&row[0], &row[width], &row[2 * width], width, order.colours,
           &pixels[3 * width * size_of(y)]);
  }
  return pixels;
}

}  // namespace clipclap::media
