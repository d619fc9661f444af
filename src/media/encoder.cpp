#include "media/encoder.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "media/ffmpeg_compat.h"
#include "media/ffmpeg_error.h"

namespace clipclap::media {
namespace {

/// As media/color_converter reads what is untagged.
constexpr int kHighDefinitionLines = 720;
/// MPEG-4's header has 16 bits for it.
constexpr int kMostMpeg4TimeBase = 65535;

bool has_flag(AVPixelFormat format, std::uint64_t flag) {
  const auto* description = av_pix_fmt_desc_get(format);
  return description != nullptr && (description->flags & flag) != 0;
}

bool is_yuv(AVPixelFormat format) {
  const auto* description = av_pix_fmt_desc_get(format);
  return description != nullptr && description->nb_components >= 3 &&
         !has_flag(format, AV_PIX_FMT_FLAG_RGB) && !has_flag(format, AV_PIX_FMT_FLAG_PAL);
}

/// 8 bits and chroma as fine as the source's. What has odd sides keeps all of its chroma: some
/// encoders refuse to halve those.
AVPixelFormat yuv_like(const EncoderOptions& options, bool is_jpeg) {
  int shift_x = 0;
  int shift_y = 0;
  if (is_yuv(options.source_format)) {
    const auto* source = av_pix_fmt_desc_get(options.source_format);
    if (options.width % 2 == 0) shift_x = source->log2_chroma_w;
    if (options.height % 2 == 0 && shift_x > 0) shift_y = source->log2_chroma_h;
  }
  if (shift_y > 0) return is_jpeg ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
  if (shift_x > 0) return is_jpeg ? AV_PIX_FMT_YUVJ422P : AV_PIX_FMT_YUV422P;
  return is_jpeg ? AV_PIX_FMT_YUVJ444P : AV_PIX_FMT_YUV444P;
}

AVPixelFormat best_of(const AVPixelFormat* formats, AVPixelFormat wanted) {
  return formats == nullptr ? wanted
                            : avcodec_find_best_pix_fmt_of_list(formats, wanted, 0, nullptr);
}

AVColorSpace matrix_for(const EncoderOptions& options, bool is_jpeg) {
  if (is_jpeg) return AVCOL_SPC_BT470BG;  // JFIF knows no other
  switch (options.colours.matrix) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_SMPTE240M:
    case AVCOL_SPC_BT2020_NCL:
      return options.colours.matrix;
    default:
      return options.height < kHighDefinitionLines ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709;
  }
}

int swscale_matrix(AVColorSpace matrix) {
  switch (matrix) {
    case AVCOL_SPC_BT709:
      return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
      return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M:
      return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
      return SWS_CS_BT2020;
    default:
      return SWS_CS_ITU601;
  }
}

void parse_settings(Dictionary& dictionary, const std::string& settings, const std::string& name) {
  if (settings.empty() || dictionary.parse(settings.c_str()) >= 0) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("\"{}\" is not KEY=VALUE with colons between several", settings), name);
}

void require_nothing_left(const Dictionary& dictionary, const AVCodec& codec,
                          const std::string& name) {
  const auto* left = dictionary.first();
  if (left == nullptr) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("the encoder {0} has no setting \"{1}\"; `ffmpeg -h encoder={0}` lists "
                          "those it has",
                          codec.name, left->key),
              name);
}

}  // namespace

const AVCodec& find_encoder(const std::string& encoder, AVCodecID codec, const std::string& name) {
  if (encoder.empty() && codec == AV_CODEC_ID_NONE) {
    throw Error(ErrorCode::kInvalidArgument,
                "its container holds no pictures; name a film such as out.mkv or out.mp4, or a "
                "picture such as out.png",
                name);
  }
  const AVCodec* found =
      encoder.empty() ? avcodec_find_encoder(codec) : avcodec_find_encoder_by_name(encoder.c_str());
  if (found == nullptr && !encoder.empty()) {
    const auto* descriptor = avcodec_descriptor_get_by_name(encoder.c_str());
    if (descriptor != nullptr) found = avcodec_find_encoder(descriptor->id);
  }
  if (found != nullptr && found->type == AVMEDIA_TYPE_VIDEO) return *found;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("this FFmpeg has no encoder of pictures \"{}\"; `ffmpeg -encoders` lists "
                          "those it has, and --codec chooses",
                          encoder.empty() ? avcodec_get_name(codec) : encoder.c_str()),
              name);
}

AVRational encoder_time_base(const AVCodec& codec, const AVOutputFormat& format, AVRational wanted,
                             AVRational frame_rate) {
  const bool keeps_any_time = (format.flags & (AVFMT_VARIABLE_FPS | AVFMT_NOTIMESTAMPS)) != 0 &&
                              encoder_frame_rates(codec) == nullptr &&
                              (codec.id != AV_CODEC_ID_MPEG4 || wanted.den <= kMostMpeg4TimeBase);
  if (keeps_any_time || frame_rate.num <= 0 || frame_rate.den <= 0) return wanted;
  if (const auto* rates = encoder_frame_rates(codec)) {
    frame_rate = rates[av_find_nearest_q_idx(frame_rate, rates)];
  }
  return av_inv_q(frame_rate);
}

Encoder::Encoder(const AVCodec& codec, const EncoderOptions& options, std::string name)
    : name_(std::move(name)),
      taken_(options.is_grey ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_RGB24),
      context_(avcodec_alloc_context3(&codec)) {
  if (!context_) throw std::bad_alloc();
  context_->width = options.width;
  context_->height = options.height;
  context_->time_base = options.time_base;
  context_->framerate = options.frame_rate;
  context_->sample_aspect_ratio = options.pixel_aspect;
  context_->thread_count = options.threads;
  if (options.global_header) context_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  choose_pixels(codec, options);
  if (codec.id == AV_CODEC_ID_MJPEG && options.settings.empty()) {
    // libavcodec's own default is a bit rate of films, at which a picture shows its blocks.
    constexpr int kFinest = 2;
    context_->flags |= AV_CODEC_FLAG_QSCALE;
    context_->global_quality = kFinest * FF_QP2LAMBDA;
  }
  Dictionary settings;
  parse_settings(settings, options.settings, name_);
  forget_av_message();
  const int result = avcodec_open2(context_.get(), &codec, settings.address());
  if (result < 0) {
    throw_av_error(
        result,
        fmt::format("the encoder {} does not take pictures of {} × {} ({})", codec.name,
                    options.width, options.height, av_get_pix_fmt_name(context_->pix_fmt)),
        name_);
  }
  require_nothing_left(settings, codec, name_);
  if (context_->pix_fmt != taken_) prepare_scaler();
}

void Encoder::choose_pixels(const AVCodec& codec, const EncoderOptions& options) {
  const bool is_jpeg = codec.id == AV_CODEC_ID_MJPEG;
  const auto* formats = encoder_pixel_formats(codec);
  auto& pixels = context_->pix_fmt;
  pixels = best_of(formats, taken_);
  const auto* descriptor = avcodec_descriptor_get(codec.id);
  const bool loses = descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_LOSSLESS) == 0;
  // Some that lose anyway know RGB, too, but hardly a player does.
  const bool is_colour = taken_ == AV_PIX_FMT_RGB24;
  if (is_yuv(pixels) || (loses && is_colour)) {
    pixels = best_of(formats, yuv_like(options, is_jpeg));
  }
  context_->color_primaries = options.colours.primaries;
  context_->color_trc = options.colours.transfer;
  if (is_yuv(pixels)) {
    context_->colorspace = matrix_for(options, is_jpeg);
    context_->color_range = is_jpeg ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    context_->chroma_sample_location = is_jpeg ? AVCHROMA_LOC_CENTER : AVCHROMA_LOC_LEFT;
  } else {
    if (has_flag(pixels, AV_PIX_FMT_FLAG_RGB)) context_->colorspace = AVCOL_SPC_RGB;
    context_->color_range = AVCOL_RANGE_JPEG;
  }
}

void Encoder::prepare_scaler() {
  scaler_.reset(sws_alloc_context());
  if (!scaler_) throw std::bad_alloc();
  void* options = scaler_.get();
  av_opt_set_int(options, "srcw", context_->width, 0);
  av_opt_set_int(options, "srch", context_->height, 0);
  av_opt_set_int(options, "src_format", taken_, 0);
  av_opt_set_int(options, "dstw", context_->width, 0);
  av_opt_set_int(options, "dsth", context_->height, 0);
  av_opt_set_int(options, "dst_format", context_->pix_fmt, 0);
  av_opt_set_int(options, "sws_flags",
                 SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND, 0);
  const auto* format = av_pix_fmt_desc_get(context_->pix_fmt);
  // swscale's places of chroma: 1/256 of a luma pixel.
  constexpr int kHalf = 128;
  const bool is_centered = context_->chroma_sample_location == AVCHROMA_LOC_CENTER;
  if (format->log2_chroma_w == 1) {
    av_opt_set_int(options, "dst_h_chr_pos", is_centered ? kHalf : 0, 0);
  }
  if (format->log2_chroma_h == 1) av_opt_set_int(options, "dst_v_chr_pos", kHalf, 0);
  forget_av_message();
  const int result = sws_init_context(scaler_.get(), nullptr, nullptr);
  if (result < 0) throw_av_error(result, "pictures cannot be converted for its encoder", name_);
  const int full_range = context_->color_range == AVCOL_RANGE_JPEG ? 1 : 0;
  sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(SWS_CS_DEFAULT), 1,
                           sws_getCoefficients(swscale_matrix(context_->colorspace)), full_range, 0,
                           1 << 16, 1 << 16);
}

FramePointer Encoder::convert(std::span<const std::uint8_t> pixels) {
  auto frame = make_frame();
  frame->width = context_->width;
  frame->height = context_->height;
  frame->format = context_->pix_fmt;
  const int result = av_frame_get_buffer(frame.get(), 0);
  if (result < 0) throw_av_error(result, "there is no memory for a picture", name_);
  const int row_bytes = av_image_get_linesize(taken_, context_->width, 0);
  const std::uint8_t* planes[4] = {pixels.data(), nullptr, nullptr, nullptr};
  const int strides[4] = {row_bytes, 0, 0, 0};
  if (scaler_) {
    sws_scale(scaler_.get(), planes, strides, 0, context_->height, frame->data, frame->linesize);
  } else {
    av_image_copy_plane(frame->data[0], frame->linesize[0], planes[0], row_bytes, row_bytes,
                        context_->height);
  }
  return frame;
}

void Encoder::send(std::span<const std::uint8_t> pixels, std::int64_t time, std::int64_t duration) {
  const auto frame = convert(pixels);
  frame->pts = time;
  frame->sample_aspect_ratio = context_->sample_aspect_ratio;
  frame->colorspace = context_->colorspace;
  frame->color_range = context_->color_range;
  frame->color_primaries = context_->color_primaries;
  frame->color_trc = context_->color_trc;
  frame->chroma_location = context_->chroma_sample_location;
  frame->quality = context_->global_quality;
  set_frame_duration(*frame, duration);
  durations_[time] = duration;
  forget_av_message();
  const int result = avcodec_send_frame(context_.get(), frame.get());
  if (result < 0) throw_av_error(result, "a picture cannot be encoded", name_);
}

void Encoder::send_end() { avcodec_send_frame(context_.get(), nullptr); }

bool Encoder::receive(AVPacket& packet) {
  forget_av_message();
  const int result = avcodec_receive_packet(context_.get(), &packet);
  if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return false;
  if (result < 0) throw_av_error(result, "a picture cannot be encoded", name_);
  if (const auto found = durations_.find(packet.pts); found != durations_.end()) {
    packet.duration = found->second;
    durations_.erase(found);
  }
  return true;
}

}  // namespace clipclap::media
