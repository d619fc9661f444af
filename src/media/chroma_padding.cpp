#include "media/chroma_padding.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

#include <cstring>

namespace clipclap::media {
namespace {

int round_up(int value, int shift) { return ((value + (1 << shift) - 1) >> shift) << shift; }

/// Luma and alpha lie in planes of their own, whose pixels follow each other.
bool can_be_padded(const AVPixFmtDescriptor& format) {
  return (format.flags & AV_PIX_FMT_FLAG_PLANAR) != 0 &&
         (format.flags & (AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL)) == 0;
}

void repeat_edges(AVFrame& target, int plane, int pixel_bytes, const AVFrame& source) {
  for (int y = 0; y < source.height; ++y) {
    std::uint8_t* row =
        target.data[plane] + static_cast<std::ptrdiff_t>(y) * target.linesize[plane];
    for (int x = source.width; x < target.width; ++x) {
      std::memcpy(row + static_cast<std::ptrdiff_t>(x) * pixel_bytes,
                  row + static_cast<std::ptrdiff_t>(source.width - 1) * pixel_bytes,
                  static_cast<std::size_t>(pixel_bytes));
    }
  }
  const std::ptrdiff_t stride = target.linesize[plane];
  for (int y = source.height; y < target.height; ++y) {
    std::memcpy(target.data[plane] + y * stride, target.data[plane] + (source.height - 1) * stride,
                static_cast<std::size_t>(target.width) * static_cast<std::size_t>(pixel_bytes));
  }
}

}  // namespace

FrameSize chroma_padded_size(const AVFrame& frame) {
  const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (format == nullptr || !can_be_padded(*format)) return {frame.width, frame.height};
  return {round_up(frame.width, format->log2_chroma_w),
          round_up(frame.height, format->log2_chroma_h)};
}

FramePointer pad_to_chroma(const AVFrame& frame) {
  const FrameSize size = chroma_padded_size(frame);
  if (size.width == frame.width && size.height == frame.height) return nullptr;
  auto padded = make_frame();
  padded->width = size.width;
  padded->height = size.height;
  padded->format = frame.format;
  if (av_frame_get_buffer(padded.get(), 0) < 0) throw std::bad_alloc();
  const std::uint8_t* planes[4] = {frame.data[0], frame.data[1], frame.data[2], frame.data[3]};
  av_image_copy(padded->data, padded->linesize, planes, frame.linesize,
                static_cast<AVPixelFormat>(frame.format), frame.width, frame.height);
  const auto& format = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  repeat_edges(*padded, format.comp[0].plane, format.comp[0].step, frame);
  return padded;
}

}  // namespace clipclap::media
