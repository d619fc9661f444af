// From the planes of a YUV frame to RGB of another size in one pass.
#pragma once

#include <cstdint>
#include <vector>

#include "media/ffmpeg_handles.h"
#include "media/placement.h"
#include "media/preprocessing.h"
#include "media/resample_filters.h"

namespace clipclap::media {

/// How the numbers of a frame become RGB of 0 … 255: with Y, U and V behind their offsets,
/// R = luma · Y + red_v · V, G = luma · Y + green_u · U + green_v · V, B = luma · Y + blue_u · U.
struct YuvToRgb {
  float luma_offset = 0;
  float chroma_offset = 0;
  float luma = 0;
  float red_v = 0;
  float green_u = 0;
  float green_v = 0;
  float blue_u = 0;

  bool operator==(const YuvToRgb&) const = default;
};

/// What is wanted of a frame; all of it but the pixels.
struct YuvOrder {
  AVPixelFormat format = AV_PIX_FMT_NONE;
  int input_width = 0;
  int input_height = 0;
  int width = 0;  ///< the size that the frame becomes
  int height = 0;
  Region region{};  ///< the part of it that is wanted
  Filter filter = Filter::kBicubic;
  Filter chroma_filter = Filter::kBicubic;  ///< that makes chroma as large as luma
  /// Where the first chroma sample stands, in pixels of luma right of and below the first one.
  double chroma_x = 0;
  double chroma_y = 0;
  YuvToRgb colours{};

  bool operator==(const YuvOrder&) const = default;
};

/// Making chroma as large as luma, resampling and the colour matrix are linear, so for each plane
/// the first two become one set of weights, and only what is left becomes RGB. The result differs
/// from converting the whole frame first only where colours lie outside RGB, and by rounding once.
/// Keeps the weights between frames of one kind. Not thread-safe.
class YuvResampler {
 public:
  /// Planar and half-planar YUV of 8 to 16 bits, and filters that are no box.
  static bool can(const YuvOrder& order);

  /// Packed RGB of the order's region. Only what can() allows; `frame` is as the order says.
  std::vector<std::uint8_t> operator()(const AVFrame& frame, const YuvOrder& order);

 private:
  struct Plane {
    RealAxisWeights columns;
    RealAxisWeights rows;
    int plane = 0;
    int step = 1;    ///< samples from one of the component to the next
    int offset = 0;  ///< samples before the first
  };

  void prepare(const YuvOrder& order);
  /// One row of a component at the wanted width, into `target`.
  void resample_row(const AVFrame& frame, const Plane& plane, int row, float* target);

  YuvOrder order_;
  bool deep_ = false;  ///< 16 bits a sample
  Plane planes_[3];
  std::vector<float> mixed_;  ///< a row of the frame's plane
  std::vector<float> component_;
};

}  // namespace clipclap::media
