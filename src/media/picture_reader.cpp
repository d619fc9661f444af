#include "media/picture_reader.h"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "media/color_converter.h"
#include "media/decoder.h"
#include "media/demuxer.h"
#include "media/ffmpeg_compat.h"
#include "media/ffmpeg_error.h"
#include "media/frame_clock.h"
#include "media/orientation.h"
#include "media/picture_file.h"
#include "media/sampling.h"

namespace clipclap::media {
namespace {

/// Where a decoder puts frames in order by counting, the times of key frames are only known when
/// all frames are decoded.
bool needs_every_frame(const AVStream& stream, const AVPacket* first) {
  if (first == nullptr || first->pts != AV_NOPTS_VALUE) return false;
  return first->dts == AV_NOPTS_VALUE || stream.codecpar->video_delay > 0;
}

double pixel_aspect(AVFormatContext& format, const AVStream& stream, AVFrame& frame) {
  // libavformat's function predates const; it changes nothing.
  const AVRational aspect =
      av_guess_sample_aspect_ratio(&format, const_cast<AVStream*>(&stream), &frame);
  return aspect.num > 0 && aspect.den > 0 ? av_q2d(aspect) : 1.0;
}

}  // namespace

struct PictureReader::Implementation {
  Implementation(const std::string& input, const ReaderOptions& options);

  std::optional<SampledPicture> next();

  DecoderOptions decoder_options(const ReaderOptions& options);
  void read_stored_orientation();
  bool decode_frame();
  bool feed_decoder();
  void note_end(std::int64_t end) { end_ = std::max(end_.value_or(end), end); }
  double end_seconds() const;
  Orientation frame_orientation() const;
  Picture convert_frame();
  void check_still_frame() const;
  std::optional<SampledPicture> take_pending(double end_seconds);
  [[noreturn]] void throw_broken() const;
  [[noreturn]] void throw_nothing_decoded() const;

  Demuxer demuxer;
  MediaKind kind;
  bool skip_packets = false;
  Decoder decoder;
  FrameClock clock;
  Sampler sampler;
  ColorConverter converter;
  std::optional<Orientation> stored_orientation;

  PacketPointer packet = make_packet();
  FramePointer frame = make_frame();
  bool at_end = false;
  bool broken = false;
  std::size_t frames = 0;
  /// The furthest end of a frame or packet so far, on the clock's scale.
  std::optional<std::int64_t> end_;
  /// The start of the last frame.
  std::int64_t last_start = 0;
  /// The last sampled picture waits here until the next one's start is known.
  std::optional<SampledPicture> pending;
};

PictureReader::Implementation::Implementation(const std::string& input,
                                              const ReaderOptions& options)
    : demuxer(input),
      kind(demuxer.is_still() ? MediaKind::kImage : MediaKind::kVideo),
      decoder(demuxer.stream(), decoder_options(options), demuxer.name()),
      clock(demuxer.stream(), demuxer.name()),
      sampler(options.sampling, demuxer.stream().time_base),
      converter(demuxer.name()) {
  if (kind == MediaKind::kImage) read_stored_orientation();
}

DecoderOptions PictureReader::Implementation::decoder_options(const ReaderOptions& options) {
  if (options.decoder_threads < 0) {
    throw Error(ErrorCode::kInvalidArgument, "the number of decoder threads must not be negative");
  }
  DecoderOptions result{options.decoder_threads};
  result.still = kind == MediaKind::kImage;
  if (options.sampling.mode == Sampling::Mode::kKeyframes && !result.still) {
    skip_packets = !needs_every_frame(demuxer.stream(), demuxer.first_packet());
    result.keyframes_only = skip_packets;
  }
  return result;
}

void PictureReader::Implementation::read_stored_orientation() {
  const AVPacket* file = demuxer.first_packet();
  const AVCodecID codec = demuxer.stream().codecpar->codec_id;
  if (file == nullptr || file->size <= 0) return;
  const std::span<const std::uint8_t> bytes(file->data, static_cast<std::size_t>(file->size));
  if (is_animated_webp(codec, bytes)) {
    throw Error(
        ErrorCode::kUnsupported,
        "is an animated WebP, which this FFmpeg cannot decode; convert it to a video or GIF",
        demuxer.name());
  }
  const std::string missing = missing_part(codec, bytes);
  if (!missing.empty()) {
    throw Error(ErrorCode::kInvalidData, missing + "; copy or make it again", demuxer.name());
  }
  if (stores_orientation(codec)) {
    stored_orientation = media::stored_orientation(codec, bytes);
  }
}

/// The next decoded frame, in `frame`; false at the end.
bool PictureReader::Implementation::decode_frame() {
  while (true) {
    switch (decoder.receive(*frame)) {
      case Decoder::Status::kFrame:
        ++frames;
        return true;
      case Decoder::Status::kEnd:
        return false;
      case Decoder::Status::kNeedsPacket:
        if (!feed_decoder()) return false;
    }
  }
}

/// Sends the next packet that is wanted, or the end once; false where the end was sent before.
bool PictureReader::Implementation::feed_decoder() {
  while (!at_end) {
    const Demuxer::Status status = demuxer.read(*packet);
    if (status != Demuxer::Status::kPacket) {
      broken = status == Demuxer::Status::kBroken;
      at_end = true;
      decoder.send(nullptr);
      return true;
    }
    if (skip_packets && (packet->flags & AV_PKT_FLAG_KEY) == 0) {
      if (const auto end = clock.packet_end(*packet)) note_end(*end);
      continue;
    }
    decoder.send(packet.get());
    return true;
  }
  return false;
}

double PictureReader::Implementation::end_seconds() const {
  return clock.to_seconds(end_.value_or(last_start));
}

Orientation PictureReader::Implementation::frame_orientation() const {
  // What the file itself stores counts once: some libavcodec versions repeat it as a matrix.
  if (stored_orientation) return *stored_orientation;
  const std::int32_t* matrix = stream_display_matrix(demuxer.stream());
  const AVFrameSideData* data = av_frame_get_side_data(frame.get(), AV_FRAME_DATA_DISPLAYMATRIX);
  if (data != nullptr && data->size >= 9 * sizeof(std::int32_t)) {
    matrix = reinterpret_cast<const std::int32_t*>(data->data);
  }
  if (matrix == nullptr) return {};
  return orientation_from_matrix(std::span<const std::int32_t, 9>(matrix, 9));
}

Picture PictureReader::Implementation::convert_frame() {
  Picture picture = converter.convert(*frame, decoder.context());
  // A still picture's density is for printing: Pillow and every viewer show its pixels square.
  if (kind == MediaKind::kVideo) {
    picture.pixel_aspect = pixel_aspect(demuxer.format(), demuxer.stream(), *frame);
  }
  return upright(std::move(picture), frame_orientation());
}

void PictureReader::Implementation::check_still_frame() const {
  const bool flawed = (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 ||
                      frame->decode_error_flags != 0 || decoder.failures() > 0;
  if (kind == MediaKind::kImage && flawed) throw_nothing_decoded();
}

std::optional<SampledPicture> PictureReader::Implementation::take_pending(double end_seconds) {
  std::optional<SampledPicture> result = std::exchange(pending, std::nullopt);
  if (result) result->end_seconds = std::max(end_seconds, result->start_seconds);
  return result;
}

std::optional<SampledPicture> PictureReader::Implementation::next() {
  while (decode_frame()) {
    check_still_frame();
    if (kind == MediaKind::kImage) {
      SampledPicture image{convert_frame(), 0, 0};
      at_end = true;
      decoder.send(nullptr);
      return image;
    }
    const FrameClock::Place place = clock.place(*frame);
    last_start = place.start;
    note_end(place.end);
    if (!sampler.take(place.start, is_key_frame(*frame))) continue;
    auto result = take_pending(clock.to_seconds(place.start));
    pending = SampledPicture{convert_frame(), clock.to_seconds(place.start), 0};
    if (result) return result;
  }
  if (pending) return take_pending(end_seconds());
  if (broken) throw_broken();
  if (frames == 0) throw_nothing_decoded();
  return std::nullopt;
}

void PictureReader::Implementation::throw_broken() const {
  const Error& reason = demuxer.broken_reason();
  if (frames == 0) {
    throw Error(reason.code(), "no picture could be decoded: " + reason.message(), demuxer.name());
  }
  throw Error(reason.code(), fmt::format("after {:.3f} s {}", end_seconds(), reason.message()),
              demuxer.name());
}

void PictureReader::Implementation::throw_nothing_decoded() const {
  if (decoder.failures() == 0 && frames == 0) {
    throw Error(ErrorCode::kInvalidData, "the video stream holds no pictures", demuxer.name());
  }
  const std::string reason = decoder.failures() > 0 ? ": " + decoder.last_failure() : "";
  if (kind == MediaKind::kImage) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("the picture is damaged{}; copy or make it again", reason),
                demuxer.name());
  }
  throw Error(ErrorCode::kInvalidData,
              fmt::format("no picture of the video stream could be decoded{}", reason),
              demuxer.name());
}

PictureReader::PictureReader(const std::string& input, const ReaderOptions& options)
    : implementation_(std::make_unique<Implementation>(input, options)) {}
PictureReader::~PictureReader() = default;
PictureReader::PictureReader(PictureReader&&) noexcept = default;
PictureReader& PictureReader::operator=(PictureReader&&) noexcept = default;

MediaKind PictureReader::kind() const { return implementation_->kind; }

const std::string& PictureReader::stream() const { return implementation_->demuxer.stream_name(); }

std::optional<double> PictureReader::duration_seconds() const {
  if (kind() == MediaKind::kImage) return std::nullopt;
  const AVStream& stream = implementation_->demuxer.stream();
  if (stream.duration != AV_NOPTS_VALUE && stream.duration > 0) {
    return implementation_->clock.to_seconds(stream.duration);
  }
  const std::int64_t duration = implementation_->demuxer.format().duration;
  if (duration == AV_NOPTS_VALUE || duration <= 0) return std::nullopt;
  return static_cast<double>(duration) / AV_TIME_BASE;
}

double PictureReader::start_seconds() const {
  const AVStream& stream = implementation_->demuxer.stream();
  if (kind() == MediaKind::kImage || stream.start_time == AV_NOPTS_VALUE) return 0;
  return implementation_->clock.to_seconds(stream.start_time);
}

std::optional<SampledPicture> PictureReader::next() { return implementation_->next(); }

}  // namespace clipclap::media
