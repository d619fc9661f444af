#include "media/rgb_unpacker.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace clipclap::media {
namespace {

constexpr int kChannels = 3;

bool has_flag(const AVPixFmtDescriptor& format, std::uint64_t flag) {
  return (format.flags & flag) != 0;
}

bool is_grey(const AVPixFmtDescriptor& format) {
  return format.nb_components <= 2 && !has_flag(format, AV_PIX_FMT_FLAG_PAL) &&
         !has_flag(format, AV_PIX_FMT_FLAG_RGB);
}

void unpack_palette(const AVFrame& frame, Picture& picture) {
  std::array<std::uint32_t, 256> palette;
  std::memcpy(palette.data(), frame.data[1], sizeof palette);
  std::uint8_t* pixel = picture.rgb.data();
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* row = frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0];
    for (int x = 0; x < picture.width; ++x, pixel += kChannels) {
      const std::uint32_t argb = palette[row[x]];
      pixel[0] = static_cast<std::uint8_t>(argb >> 16);
      pixel[1] = static_cast<std::uint8_t>(argb >> 8);
      pixel[2] = static_cast<std::uint8_t>(argb);
    }
  }
}

/// What each value of a component of `depth` bits becomes.
std::vector<std::uint8_t> value_table(int depth, bool inverted, bool limited) {
  const int count = 1 << depth;
  std::vector<std::uint8_t> table(static_cast<std::size_t>(count));
  for (int value = 0; value < count; ++value) {
    int byte = depth >= 8 ? value >> (depth - 8) : value * 255 / (count - 1);
    if (limited) {
      const double black = 16.0 * count / 256;
      const double white = 235.0 * count / 256;
      byte =
          static_cast<int>(std::clamp((value - black) / (white - black) * 255 + 0.5, 0.0, 255.0));
    }
    table[static_cast<std::size_t>(value)] =
        static_cast<std::uint8_t>(inverted ? 255 - byte : byte);
  }
  return table;
}

void unpack_components(const AVFrame& frame, const AVPixFmtDescriptor& format, bool limited,
                       Picture& picture) {
  const auto pixel_format = static_cast<AVPixelFormat>(frame.format);
  const int components = is_grey(format) ? 1 : kChannels;
  const bool inverted = pixel_format == AV_PIX_FMT_MONOWHITE;
  std::array<std::vector<std::uint8_t>, kChannels> tables;
  for (int c = 0; c < components; ++c) {
    tables[static_cast<std::size_t>(c)] = value_table(format.comp[c].depth, inverted, limited);
  }
  std::vector<std::uint16_t> line(static_cast<std::size_t>(picture.width));
  const std::uint8_t* data[4] = {frame.data[0], frame.data[1], frame.data[2], frame.data[3]};
  const int linesize[4] = {frame.linesize[0], frame.linesize[1], frame.linesize[2],
                           frame.linesize[3]};
  const std::size_t row_bytes = static_cast<std::size_t>(picture.width) * kChannels;
  for (int y = 0; y < picture.height; ++y) {
    std::uint8_t* row = &picture.rgb[static_cast<std::size_t>(y) * row_bytes];
    for (int c = 0; c < components; ++c) {
      av_read_image_line2(line.data(), data, linesize, &format, 0, y, c, picture.width, 0,
                          sizeof(std::uint16_t));
      const auto& table = tables[static_cast<std::size_t>(c)];
      const std::size_t mask = table.size() - 1;
      std::uint8_t* pixel = row + c;
      for (int x = 0; x < picture.width; ++x, pixel += kChannels) {
        *pixel = table[line[static_cast<std::size_t>(x)] & mask];
        if (components == 1) pixel[1] = pixel[2] = *pixel;
      }
    }
  }
}

}  // namespace

bool can_unpack_rgb(AVPixelFormat pixel_format) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(pixel_format);
  if (format == nullptr) return false;
  if (has_flag(*format, AV_PIX_FMT_FLAG_HWACCEL) || has_flag(*format, AV_PIX_FMT_FLAG_FLOAT) ||
      has_flag(*format, AV_PIX_FMT_FLAG_BAYER)) {
    return false;
  }
  if (pixel_format == AV_PIX_FMT_PAL8) return true;
  const bool xyz = std::strncmp(format->name, "xyz", 3) == 0;
  const bool rgb = has_flag(*format, AV_PIX_FMT_FLAG_RGB) && format->nb_components >= 3 && !xyz;
  return (rgb || is_grey(*format)) && format->comp[0].depth <= 16;
}

Picture unpack_rgb(const AVFrame& frame, bool limited_grey) {
  const auto pixel_format = static_cast<AVPixelFormat>(frame.format);
  const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(pixel_format);
  Picture picture{frame.width, frame.height, 1.0, {}};
  const std::size_t row_bytes = static_cast<std::size_t>(frame.width) * kChannels;
  picture.rgb.resize(row_bytes * static_cast<std::size_t>(frame.height));
  if (pixel_format == AV_PIX_FMT_PAL8) {
    unpack_palette(frame, picture);
  } else if (pixel_format == AV_PIX_FMT_RGB24) {
    for (int y = 0; y < frame.height; ++y) {
      std::memcpy(&picture.rgb[static_cast<std::size_t>(y) * row_bytes],
                  frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0], row_bytes);
    }
  } else {
    unpack_components(frame, format, limited_grey && is_grey(format), picture);
  }
  return picture;
}

}  // namespace clipclap::media
