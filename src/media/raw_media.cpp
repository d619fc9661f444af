#include "media/raw_media.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "media/decoder.h"

namespace clipclap::media {
namespace {

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorCode::kInvalidArgument, std::move(message));
}

const AVPixFmtDescriptor& require_format(const RawPicture& picture, AVPixelFormat format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  if (descriptor == nullptr) {
    refuse(fmt::format("\"{}\" is no pixel format; `ffmpeg -pix_fmts` lists their names",
                       picture.pixel_format));
  }
  if ((descriptor->flags & AV_PIX_FMT_FLAG_HWACCEL) != 0) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("pictures of {} lie in the memory of a device; bring them into the "
                            "processor's first (in FFmpeg: hwdownload)",
                            picture.pixel_format));
  }
  return *descriptor;
}

void require_size(const RawPicture& picture) {
  const auto pixels = std::int64_t{picture.width} * picture.height;
  if (picture.width <= 0 || picture.height <= 0 || pixels > kMaxPixels) {
    refuse(fmt::format("a picture of {} x {} pixels cannot be looked at", picture.width,
                       picture.height));
  }
}

int number_of(const std::string& name, const char* what, int unspecified,
              int (*find)(const char*)) {
  if (name.empty() || name == "unknown" || name == "unspecified") return unspecified;
  const int found = find(name.c_str());
  if (found < 0) refuse(fmt::format("\"{}\" is no {} that FFmpeg knows", name, what));
  return found;
}

void set_planes(AVFrame& frame, const RawPicture& picture, const AVPixFmtDescriptor& format) {
  const auto type = static_cast<AVPixelFormat>(frame.format);
  const int count = av_pix_fmt_count_planes(type);
  const bool has_palette = (format.flags & AV_PIX_FMT_FLAG_PAL) != 0;
  for (int i = 0; i < count; ++i) {
    const auto plane = static_cast<std::size_t>(i);
    const auto stride = picture.strides[plane];
    const bool is_palette = has_palette && i == 1;
    const int least = is_palette ? 0 : av_image_get_linesize(type, picture.width, i);
    if (picture.planes[plane] == nullptr) refuse(fmt::format("plane {} of the picture is NULL", i));
    if (least < 0 || std::abs(stride) < least ||
        std::abs(stride) > std::numeric_limits<int>::max()) {
      refuse(fmt::format("rows of plane {} are {} bytes apart, and {} pixels of {} need {}", i,
                         stride, picture.width, picture.pixel_format, least));
    }
    // Nothing is written through it.
    frame.data[i] = const_cast<std::uint8_t*>(picture.planes[plane]);
    frame.linesize[i] = static_cast<int>(stride);
  }
}

void set_layout(AVFrame& frame, const RawSamples& samples) {
  if (samples.channel_layout.empty()) {
    if (samples.channel_count <= 0) refuse("the sound has neither a layout nor channels");
    av_channel_layout_default(&frame.ch_layout, samples.channel_count);
    return;
  }
  if (av_channel_layout_from_string(&frame.ch_layout, samples.channel_layout.c_str()) < 0) {
    refuse(fmt::format("\"{}\" is no channel layout; `ffmpeg -layouts` lists their names",
                       samples.channel_layout));
  }
  const int count = frame.ch_layout.nb_channels;
  if (samples.channel_count > 0 && samples.channel_count != count) {
    refuse(fmt::format("{} has {} channels, not {}", samples.channel_layout, count,
                       samples.channel_count));
  }
}

void reserve_planes(AVFrame& frame, std::size_t count) {
  if (count <= AV_NUM_DATA_POINTERS) return;
  frame.extended_data = static_cast<std::uint8_t**>(av_calloc(count, sizeof *frame.extended_data));
  if (frame.extended_data == nullptr) {
    frame.extended_data = frame.data;
    throw std::bad_alloc();
  }
}

void set_plane(AVFrame& frame, std::size_t plane, std::uint8_t* samples) {
  frame.extended_data[plane] = samples;
  if (plane < AV_NUM_DATA_POINTERS) frame.data[plane] = samples;
}

}  // namespace

FramePointer wrap(const RawPicture& picture) {
  auto frame = make_frame();
  const auto format = av_get_pix_fmt(picture.pixel_format.c_str());
  const auto& descriptor = require_format(picture, format);
  require_size(picture);
  frame->format = format;
  frame->width = picture.width;
  frame->height = picture.height;
  set_planes(*frame, picture, descriptor);
  frame->colorspace = static_cast<AVColorSpace>(number_of(
      picture.color_matrix, "colour matrix", AVCOL_SPC_UNSPECIFIED, av_color_space_from_name));
  frame->color_range = static_cast<AVColorRange>(number_of(
      picture.color_range, "colour range", AVCOL_RANGE_UNSPECIFIED, av_color_range_from_name));
  frame->chroma_location = static_cast<AVChromaLocation>(
      number_of(picture.chroma_location, "place of chroma", AVCHROMA_LOC_UNSPECIFIED,
                av_chroma_location_from_name));
  if (!(picture.pixel_aspect > 0) || !std::isfinite(picture.pixel_aspect)) {
    refuse(fmt::format("a pixel's aspect cannot be {}", picture.pixel_aspect));
  }
  return frame;
}

FramePointer wrap(const RawSamples& samples, std::optional<double> start_seconds) {
  auto frame = make_frame();
  const auto format = av_get_sample_fmt(samples.sample_format.c_str());
  if (format == AV_SAMPLE_FMT_NONE) {
    refuse(fmt::format("\"{}\" is no sample format; `ffmpeg -sample_fmts` lists their names",
                       samples.sample_format));
  }
  set_layout(*frame, samples);
  const auto channels = static_cast<std::size_t>(frame->ch_layout.nb_channels);
  const auto planes = av_sample_fmt_is_planar(format) != 0 ? channels : 1;
  if (samples.planes.size() < planes) {
    refuse(fmt::format("{} planes of sound are given, and {} channels of {} need {}",
                       samples.planes.size(), channels, samples.sample_format, planes));
  }
  if (samples.count > std::numeric_limits<int>::max() / 64 || samples.sample_rate <= 0) {
    refuse(fmt::format("{} samples at {} Hz cannot be listened to", samples.count,
                       samples.sample_rate));
  }
  frame->format = format;
  frame->sample_rate = samples.sample_rate;
  frame->nb_samples = static_cast<int>(samples.count);
  reserve_planes(*frame, planes);
  for (std::size_t i = 0; i < planes; ++i) {
    if (samples.planes[i] == nullptr && samples.count > 0) {
      refuse(fmt::format("plane {} of the sound is NULL", i));
    }
    set_plane(*frame, i, const_cast<std::uint8_t*>(samples.planes[i]));
  }
  if (start_seconds) {
    if (!std::isfinite(*start_seconds) || std::abs(*start_seconds) > 1e9) {
      refuse(fmt::format("sound cannot begin at {} s", *start_seconds));
    }
    frame->best_effort_timestamp = frame->pts =
        static_cast<std::int64_t>(std::llround(*start_seconds / av_q2d(kRawTimeBase)));
  }
  return frame;
}

FramePointer part_of(const AVFrame& frame, int first, int count) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const bool is_planar = av_sample_fmt_is_planar(format) != 0;
  const auto channels = frame.ch_layout.nb_channels;
  auto part = make_frame();
  part->format = frame.format;
  part->sample_rate = frame.sample_rate;
  part->nb_samples = count;
  if (av_channel_layout_copy(&part->ch_layout, &frame.ch_layout) < 0) throw std::bad_alloc();
  reserve_planes(*part, static_cast<std::size_t>(is_planar ? channels : 1));
  const auto step = std::ptrdiff_t{av_get_bytes_per_sample(format)} * (is_planar ? 1 : channels);
  for (int i = 0; i < (is_planar ? channels : 1); ++i) {
    set_plane(*part, static_cast<std::size_t>(i), frame.extended_data[i] + first * step);
  }
  return part;
}

}  // namespace clipclap::media
