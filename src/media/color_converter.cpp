#include "media/color_converter.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include <cstring>

#include <fmt/format.h>

#include "base/log.h"
#include "media/chroma_padding.h"
#include "media/ffmpeg_error.h"
#include "media/rgb_unpacker.h"

namespace clipclap::media {
namespace {

/// Lines from which untagged material is taken for high definition.
constexpr int kHighDefinitionLines = 720;

/// The deprecated formats that carry "full range" in their name.
struct FullRangeFormat {
  AVPixelFormat deprecated;
  AVPixelFormat plain;
};
constexpr FullRangeFormat kFullRangeFormats[] = {
    {AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P}, {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P},
    {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P}, {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
    {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P},
};

/// Which of swscale's matrices serves for each that can be tagged.
struct Matrix {
  AVColorSpace tag;
  int swscale;
  bool exact;
};
constexpr Matrix kMatrices[] = {
    {AVCOL_SPC_BT709, SWS_CS_ITU709, true},        {AVCOL_SPC_FCC, SWS_CS_FCC, true},
    {AVCOL_SPC_BT470BG, SWS_CS_ITU601, true},      {AVCOL_SPC_SMPTE170M, SWS_CS_ITU601, true},
    {AVCOL_SPC_SMPTE240M, SWS_CS_SMPTE240M, true}, {AVCOL_SPC_BT2020_NCL, SWS_CS_BT2020, true},
    {AVCOL_SPC_BT2020_CL, SWS_CS_BT2020, false},   {AVCOL_SPC_ICTCP, SWS_CS_BT2020, false},
};

Matrix find_matrix(AVColorSpace tag) {
  for (const Matrix& matrix : kMatrices) {
    if (matrix.tag == tag) return matrix;
  }
  return {tag, SWS_CS_ITU709, false};
}

/// Grey without a range is full in picture formats and FFmpeg's own, limited in the codecs whose
/// standards say so (H.264 and H.265, annex E; VP9 knows no grey).
bool grey_is_limited(const AVFrame& frame, AVCodecID codec) {
  if (frame.color_range != AVCOL_RANGE_UNSPECIFIED) return frame.color_range == AVCOL_RANGE_MPEG;
  return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC;
}

/// swscale's place of a chroma sample: 1/256 of a luma pixel from the left or top, -513 by default.
struct ChromaPosition {
  int x;
  int y;
};
ChromaPosition chroma_position(AVChromaLocation location) {
  switch (location) {
    case AVCHROMA_LOC_CENTER:
      return {128, 128};
    case AVCHROMA_LOC_TOPLEFT:
      return {0, 0};
    case AVCHROMA_LOC_TOP:
      return {128, 0};
    case AVCHROMA_LOC_BOTTOMLEFT:
      return {0, 256};
    case AVCHROMA_LOC_BOTTOM:
      return {128, 256};
    default:
      return {0, 128};
  }
}

bool is_still_codec(AVCodecID codec) {
  return codec == AV_CODEC_ID_MJPEG || codec == AV_CODEC_ID_WEBP;
}

/// swscale's coefficients are those of limited range, in 1/65536: V's part of red, U's of blue, and
/// both parts of green, to be taken away.
YuvToRgb yuv_to_rgb(const int* coefficients, bool full_range, int depth) {
  constexpr double kOne = 65536;
  const double unit = 1 << (depth - 8);
  const double top = 256 * unit - 1;
  const double chroma = full_range ? 224 / top : 1 / unit;
  const auto part = [&](int index) {
    return static_cast<float>(coefficients[index] / kOne * chroma);
  };
  return {.luma_offset = static_cast<float>(full_range ? 0 : 16 * unit),
          .chroma_offset = static_cast<float>(128 * unit),
          .luma = static_cast<float>(full_range ? 255 / top : 255 / (219 * unit)),
          .red_v = part(0),
          .green_u = -part(2),
          .green_v = -part(3),
          .blue_u = part(1)};
}

}  // namespace

ColorConverter::ColorConverter(std::string name, std::shared_ptr<ColorWarnings> warnings)
    : name_(std::move(name)), rgb_(make_frame()), warnings_(std::move(warnings)) {}

Picture ColorConverter::convert(const AVFrame& frame, AVCodecID codec) {
  warn_of_transfer(frame);
  if (can_unpack_rgb(static_cast<AVPixelFormat>(frame.format))) {
    return unpack_rgb(frame, grey_is_limited(frame, codec));
  }
  const Settings settings = settings_for(frame);
  if (!scaler_ || settings != settings_) prepare_scaler(settings);
  FramePointer whole = pad_to_chroma(frame);
  if (!whole && frame.buf[0] == nullptr) {
    // swscale reads whole vectors, which memory that libav did not make has no room for.
    whole.reset(av_frame_clone(&frame));
    if (!whole) throw std::bad_alloc();
  }
  const AVFrame& source = whole ? *whole : frame;
  sws_scale(scaler_.get(), source.data, source.linesize, 0, source.height, rgb_->data,
            rgb_->linesize);

  Picture picture{frame.width, frame.height, 1.0, {}};
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(frame.width);
  picture.rgb.resize(row_bytes * static_cast<std::size_t>(frame.height));
  for (int y = 0; y < frame.height; ++y) {
    std::memcpy(&picture.rgb[static_cast<std::size_t>(y) * row_bytes],
                rgb_->data[0] + static_cast<std::ptrdiff_t>(y) * rgb_->linesize[0], row_bytes);
  }
  return picture;
}

std::optional<std::vector<std::uint8_t>> ColorConverter::resample(const AVFrame& frame,
                                                                  AVCodecID codec,
                                                                  const Placement& placement,
                                                                  Filter filter) {
  const Settings settings = settings_for(frame);
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(settings.format);
  if (format == nullptr) return std::nullopt;
  const ChromaPosition chroma = chroma_position(settings.chroma);
  // Tags are about every second sample; fewer lie in the middle of theirs, as swscale has it.
  const auto stands = [](int shift, int position) {
    return shift == 1 ? position / 256.0 : ((1 << shift) - 1) / 2.0;
  };
  YuvOrder order{.format = settings.format,
                 .input_width = frame.width,
                 .input_height = frame.height,
                 .width = placement.width,
                 .height = placement.height,
                 .region = placement.region,
                 .filter = filter,
                 // libjpeg's "fancy upsampling" is a triangle, and so is libwebp's.
                 .chroma_filter = is_still_codec(codec) ? Filter::kBilinear : Filter::kBicubic,
                 .chroma_x = stands(format->log2_chroma_w, chroma.x),
                 .chroma_y = stands(format->log2_chroma_h, chroma.y)};
  if (!YuvResampler::can(order)) return std::nullopt;
  warn_of_transfer(frame);
  warn_of_matrix(settings.matrix);
  order.colours = yuv_to_rgb(sws_getCoefficients(find_matrix(settings.matrix).swscale),
                             settings.full_range, format->comp[0].depth + format->comp[0].shift);
  return resampler_(frame, order);
}

ColorConverter::Settings ColorConverter::settings_for(const AVFrame& frame) {
  const FrameSize size = chroma_padded_size(frame);
  Settings settings{size.width, size.height, static_cast<AVPixelFormat>(frame.format)};
  settings.full_range = frame.color_range == AVCOL_RANGE_JPEG;
  for (const FullRangeFormat& format : kFullRangeFormats) {
    if (format.deprecated != settings.format) continue;
    settings.format = format.plain;
    settings.full_range = true;
  }
  settings.matrix = frame.colorspace;
  if (settings.matrix == AVCOL_SPC_UNSPECIFIED || settings.matrix == AVCOL_SPC_RESERVED) {
    settings.matrix = frame.height < kHighDefinitionLines ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709;
  }
  settings.chroma = frame.chroma_location;
  return settings;
}

void ColorConverter::prepare_scaler(const Settings& settings) {
  warn_of_matrix(settings.matrix);
  scaler_.reset(sws_alloc_context());
  if (!scaler_) throw std::bad_alloc();
  void* options = scaler_.get();
  av_opt_set_int(options, "srcw", settings.width, 0);
  av_opt_set_int(options, "srch", settings.height, 0);
  av_opt_set_int(options, "src_format", settings.format, 0);
  av_opt_set_int(options, "dstw", settings.width, 0);
  av_opt_set_int(options, "dsth", settings.height, 0);
  av_opt_set_int(options, "dst_format", AV_PIX_FMT_RGB24, 0);
  av_opt_set_int(options, "sws_flags",
                 SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND, 0);
  // Keys' cubic with a = -0.5, Pillow's; swscale's own default is softer.
  av_opt_set_double(options, "param0", 0.0, 0);
  av_opt_set_double(options, "param1", 0.5, 0);
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(settings.format);
  const ChromaPosition chroma = chroma_position(settings.chroma);
  if (format != nullptr && format->log2_chroma_w == 1) {
    av_opt_set_int(options, "src_h_chr_pos", chroma.x, 0);
  }
  if (format != nullptr && format->log2_chroma_h == 1) {
    av_opt_set_int(options, "src_v_chr_pos", chroma.y, 0);
  }
  const int* coefficients = sws_getCoefficients(find_matrix(settings.matrix).swscale);
  forget_av_message();
  int result = sws_init_context(scaler_.get(), nullptr, nullptr);
  if (result >= 0) {
    sws_setColorspaceDetails(scaler_.get(), coefficients, settings.full_range ? 1 : 0,
                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    // swscale writes whole vectors: its target is a frame of libav with room for them.
    av_frame_unref(rgb_.get());
    rgb_->width = settings.width;
    rgb_->height = settings.height;
    rgb_->format = AV_PIX_FMT_RGB24;
    result = av_frame_get_buffer(rgb_.get(), 0);
  }
  if (result < 0) {
    scaler_.reset();
    const char* pixels = av_get_pix_fmt_name(settings.format);
    throw Error(ErrorCode::kUnsupported,
                fmt::format("its pixels ({}, {} x {}) cannot be converted to RGB: {}",
                            pixels != nullptr ? pixels : "unknown", settings.width, settings.height,
                            describe_av_error(result)),
                name_);
  }
  settings_ = settings;
}

void ColorConverter::warn_of_transfer(const AVFrame& frame) {
  const bool high_dynamic_range =
      frame.color_trc == AVCOL_TRC_SMPTE2084 || frame.color_trc == AVCOL_TRC_ARIB_STD_B67;
  if (!high_dynamic_range || warnings_->of_transfer.test_and_set()) return;
  log_warning(
      fmt::format("{}: high dynamic range ({}) is not tone-mapped; its pictures look flat "
                  "to the model",
                  name_, av_color_transfer_name(frame.color_trc)));
}

void ColorConverter::warn_of_matrix(AVColorSpace matrix) {
  if (find_matrix(matrix).exact || warnings_->of_matrix.test_and_set()) return;
  const char* tag = av_color_space_name(matrix);
  log_warning(fmt::format("{}: the colour matrix {} is only approximated", name_,
                          tag != nullptr ? tag : "tagged"));
}

}  // namespace clipclap::media
