#include "media/decoder.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

extern "C" {
#include <libavutil/cpu.h>
}

#include "base/log.h"
#include "media/ffmpeg_error.h"

namespace clipclap::media {
namespace {

const AVCodec& find_decoder(const AVStream& stream, const std::string& name) {
  const AVCodecID id = stream.codecpar->codec_id;
  const AVCodec* codec = avcodec_find_decoder(id);
  if (codec != nullptr) return *codec;
  const std::string what = id == AV_CODEC_ID_NONE
                               ? "holds a codec that libavformat does not know"
                               : fmt::format("needs a decoder for {}", avcodec_get_name(id));
  throw Error(ErrorCode::kUnsupported,
              fmt::format("{}, which this FFmpeg lacks; convert it or use an FFmpeg that has it "
                          "(`ffmpeg -decoders`)",
                          what),
              name);
}

/// A flaw in a picture is an error, but TIFF's decoder would count every tag that it does not know.
int strictness(AVCodecID codec) {
  return codec == AV_CODEC_ID_TIFF ? 0 : AV_EF_EXPLODE | AV_EF_CRCCHECK;
}

int suitable_threads() {
  constexpr int kMostThatLibavcodecAdvises = 16;
  return std::min(kDecoderThreadsACore * av_cpu_count(), kMostThatLibavcodecAdvises);
}

int thread_count(const AVCodec& codec, const DecoderOptions& options) {
  constexpr int kThreaded =
      AV_CODEC_CAP_FRAME_THREADS | AV_CODEC_CAP_SLICE_THREADS | AV_CODEC_CAP_OTHER_THREADS;
  // A file of sound keeps no core busy; several are read side by side (decoder-threads.md).
  if (codec.type == AVMEDIA_TYPE_AUDIO || options.still || (codec.capabilities & kThreaded) == 0) {
    return 1;
  }
  return options.threads > 0 ? options.threads : suitable_threads();
}

}  // namespace

int decoder_threads(const AVStream& stream, const DecoderOptions& options,
                    const std::string& name) {
  return thread_count(find_decoder(stream, name), options);
}

Decoder::Decoder(const AVStream& stream, const DecoderOptions& options, std::string name)
    : name_(std::move(name)) {
  const AVCodec& codec = find_decoder(stream, name_);
  context_.reset(avcodec_alloc_context3(&codec));
  if (!context_) throw std::bad_alloc();
  int result = avcodec_parameters_to_context(context_.get(), stream.codecpar);
  if (result < 0) throw_av_error(result, "its decoder cannot be set up", name_);
  context_->pkt_timebase = stream.time_base;
  context_->framerate = stream.avg_frame_rate;
  context_->max_pixels = kMaxPixels;
  context_->thread_count = thread_count(codec, options);
  if (options.keyframes_only) context_->skip_frame = AVDISCARD_NONKEY;
  if (options.still) context_->err_recognition = strictness(codec.id);
  forget_av_message();
  result = avcodec_open2(context_.get(), &codec, nullptr);
  if (result < 0) throw_av_error(result, "its decoder cannot be set up", name_);
}

void Decoder::send(const AVPacket* packet, bool only_if_referred) {
  forget_av_message();
  if (only_if_referred) context_->skip_frame = AVDISCARD_NONREF;
  const int result = avcodec_send_packet(context_.get(), packet);
  if (only_if_referred) context_->skip_frame = AVDISCARD_DEFAULT;
  if (result < 0 && result != AVERROR_EOF) note_failure(result);
}

Decoder::Status Decoder::receive(AVFrame& frame) {
  // A decoder that fails for ever without taking a packet must not hang the reader.
  constexpr int kMaxFailuresInARow = 1000;
  for (int i = 0; i < kMaxFailuresInARow; ++i) {
    const int result = avcodec_receive_frame(context_.get(), &frame);
    if (result == 0) return Status::kFrame;
    if (result == AVERROR(EAGAIN)) return Status::kNeedsPacket;
    if (result == AVERROR_EOF) return Status::kEnd;
    note_failure(result);
  }
  return Status::kEnd;
}

void Decoder::note_failure(int code) {
  last_failure_ = last_av_message().empty() ? describe_av_error(code) : last_av_message();
  const std::string line =
      fmt::format("{}: a damaged part is passed over: {}", name_, last_failure_);
  // The first is worth a warning; a file full of them is not worth a thousand.
  if (failures_++ == 0) {
    log_warning(line);
  } else {
    log_info(line);
  }
}

}  // namespace clipclap::media
