#include "media/picture_stream.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "media/ffmpeg_compat.h"
#include "media/jpeg_scaling.h"
#include "media/picture_file.h"

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

Shape upright_shape(const AVFrame& frame, const FrameTraits& traits) {
  return upright(Shape{frame.width, frame.height, traits.pixel_aspect}, traits.orientation);
}

}  // namespace

PictureStream::PictureStream(const PictureSource& source, const PictureOptions& options)
    : source_(source),
      skips_packets_(!options.boxes && skips_packets(source, options.sampling)),
      decoder_(source.stream, decoder_options(source, skips_packets_, options.decoder_threads),
               source.name),
      clock_(source.stream, source.name),
      sampler_(options.sampling, source.stream.time_base),
      preprocessing_(options.preprocessing),
      preparer_(source.name, options.preprocessing),
      ahead_(source.name, options.preprocessing,
             source.is_still ? 1 : preparing_threads(options.decoder_threads)) {
  if (options.boxes) boxes_.emplace(source.name, *options.boxes);
  if (!boxes_ && !source.is_still && options.sampling.mode == Sampling::Mode::kInterval) {
    const AVIOContext* io = source.format.pb;
    const bool is_live = io == nullptr || (io->seekable & AVIO_SEEKABLE_NORMAL) == 0;
    planner_.emplace(*source.stream.codecpar, !is_live);
  }
  if (source.is_still && source.first_packet != nullptr) {
    read_stored_orientation(source.first_packet);
  }
}

bool PictureStream::skips_packets(const PictureSource& source, const Sampling& sampling) {
  return sampling.mode == Sampling::Mode::kKeyframes && !source.is_still &&
         !needs_every_frame(source.stream, source.first_packet);
}

DecoderOptions PictureStream::decoder_options(const PictureSource& source, bool skips,
                                              int threads) {
  return {.threads = threads, .keyframes_only = skips, .still = source.is_still};
}

void PictureStream::read_stored_orientation(const AVPacket* file) {
  const AVCodecID codec = source_.stream.codecpar->codec_id;
  if (file->size <= 0) return;
  const std::span<const std::uint8_t> bytes(file->data, static_cast<std::size_t>(file->size));
  if (is_animated_webp(codec, bytes)) {
    throw Error(
        ErrorCode::kUnsupported,
        "is an animated WebP, which this FFmpeg cannot decode; convert it to a video or GIF",
        source_.name);
  }
  const std::string missing = missing_part(codec, bytes);
  if (!missing.empty()) {
    throw Error(ErrorCode::kInvalidData, missing + "; copy or make it again", source_.name);
  }
  if (stores_orientation(codec)) {
    stored_orientation_ = media::stored_orientation(codec, bytes);
  }
}

void PictureStream::push(const AVPacket* packet) {
  if (packet != nullptr && is_unneeded(*packet)) {
    if (const auto end = clock_.packet_end(*packet)) note_end(*end);
    return;
  }
  if (planner_) return planner_->push(packet);
  if (packet != nullptr && source_.is_still && take_scaled(*packet)) return;
  decoder_.send(packet);
}

bool PictureStream::is_unneeded(const AVPacket& packet) const {
  if (boxes_ && !source_.is_still) return has_decoded() && boxes_->is_done();
  return skips_packets_ && (packet.flags & AV_PKT_FLAG_KEY) == 0;
}

/// Whether the planner had a packet for the decoder.
bool PictureStream::send_next() {
  while (planner_) {
    const auto planned = planner_->next(sampler_);
    if (!planned) return false;
    using Use = PacketPlanner::Planned::Use;
    if (planned->use != Use::kDecode) {
      if (const auto end = clock_.packet_end(*planned->packet)) note_end(*end);
    }
    if (planned->use == Use::kDrop) continue;
    decoder_.send(planned->packet.get(), planned->use == Use::kDecodeIfReferred);
    return true;
  }
  return false;
}

/// Whether the first picture that waits is there, or is to be waited for.
bool PictureStream::may_hand_over() const {
  if (ready_.empty()) return false;
  const auto& picture = ready_.front().picture;
  return !picture.valid() || ready_.size() >= ahead_.most_under_way() ||
         picture.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

std::optional<MediaItem> PictureStream::next() {
  while (!may_hand_over()) {
    const auto status = decoder_.receive(*frame_);
    if (status == Decoder::Status::kNeedsPacket) {
      if (!send_next()) return std::nullopt;
    } else if (status == Decoder::Status::kEnd) {
      finish();
      if (ready_.empty()) return std::nullopt;
      break;
    } else if (source_.is_still) {
      take_still();
    } else {
      take_frame();
    }
  }
  Coming first = std::move(ready_.front());
  ready_.pop_front();
  if (first.picture.valid()) first.sampled.picture = first.picture.get();
  return std::move(first.sampled);
}

void PictureStream::take_still() {
  const bool flawed = (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0 ||
                      frame_->decode_error_flags != 0 || decoder_.failures() > 0;
  if (flawed) throw_damaged_still();
  if (frames_++ > 0) return;
  const FrameTraits traits = frame_traits(*frame_);
  if (boxes_) {
    const Shape shape = upright_shape(*frame_, traits);
    add_regions(*frame_, traits, boxes_->of_picture(shape.width, shape.height), {});
  } else {
    ready_.push_back({{preparer_.whole(*frame_, traits), 0, 0}});
  }
}

void PictureStream::take_frame() {
  ++frames_;
  const FrameClock::Place place = clock_.place(*frame_);
  last_start_ = place.start;
  if (planner_) planner_->check_frame(place.start);
  note_end(place.end);
  const double start_seconds = clock_.to_seconds(place.start);
  if (boxes_) return hold_frame(start_seconds);
  if (!sampler_.take(place.start, is_key_frame(*frame_))) return;
  take_pending(start_seconds);
  Coming coming;
  coming.sampled.start_seconds = start_seconds;
  coming.picture = ahead_.whole(*frame_, frame_traits(*frame_));
  pending_ = std::move(coming);
}

/// A sampled frame is known whole when the next one begins.
void PictureStream::take_pending(double end_seconds) {
  if (!pending_) return;
  auto& sampled = pending_->sampled;
  sampled.end_seconds = std::max(end_seconds, sampled.start_seconds);
  ready_.push_back(std::move(*pending_));
  pending_.reset();
}

/// What boxes the frame before has is known now.
void PictureStream::hold_frame(double start_seconds) {
  take_held(start_seconds, false);
  std::swap(frame_, held_frame_);
  held_start_ = start_seconds;
}

void PictureStream::take_held(double end_seconds, bool is_last) {
  if (!held_start_) return;
  const double start = *std::exchange(held_start_, std::nullopt);
  const double end = std::max(end_seconds, start);
  const FrameTraits traits = frame_traits(*held_frame_);
  const Shape shape = upright_shape(*held_frame_, traits);
  const auto boxes = boxes_->of_next_frame({shape.width, shape.height, start, end, is_last});
  add_regions(*held_frame_, traits, boxes, {start, end});
}

void PictureStream::add_regions(const AVFrame& frame, const FrameTraits& traits,
                                const std::vector<DetectedBox>& found, TimeSpan time) {
  std::vector<clipclap::Box> boxes;
  boxes.reserve(found.size());
  for (const auto& box : found) boxes.push_back(box.box);
  auto pictures = preparer_.parts(frame, traits, boxes);
  for (std::size_t i = 0; i < found.size(); ++i) {
    ready_.push_back({{std::move(pictures[i]), time.start_seconds, time.end_seconds, found[i].box,
                       found[i].label}});
  }
}

void PictureStream::finish() {
  take_pending(end_seconds());
  take_held(end_seconds(), true);
  if (boxes_ && !std::exchange(has_finished_, true)) boxes_->finish();
}

double PictureStream::end_seconds() const { return clock_.to_seconds(end_.value_or(last_start_)); }

Orientation PictureStream::frame_orientation(const AVFrame& frame) const {
  // What the file itself stores counts once: some libavcodec versions repeat it as a matrix.
  if (stored_orientation_) return *stored_orientation_;
  const std::int32_t* matrix = stream_display_matrix(source_.stream);
  const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  if (data != nullptr && data->size >= 9 * sizeof(std::int32_t)) {
    matrix = reinterpret_cast<const std::int32_t*>(data->data);
  }
  if (matrix == nullptr) return {};
  return orientation_from_matrix(std::span<const std::int32_t, 9>(matrix, 9));
}

FrameTraits PictureStream::frame_traits(AVFrame& frame) const {
  // A still picture's density is for printing: Pillow and every viewer show its pixels square.
  return {
      .codec = source_.stream.codecpar->codec_id,
      .pixel_aspect = source_.is_still ? 1.0 : pixel_aspect(source_.format, source_.stream, frame),
      .orientation = frame_orientation(frame)};
}

/// A JPEG that becomes far smaller is decoded small in the first place.
bool PictureStream::take_scaled(const AVPacket& file) {
  if (boxes_ || source_.stream.codecpar->codec_id != AV_CODEC_ID_MJPEG || !stored_orientation_ ||
      !preprocessing_ || preprocessing_->filter == Filter::kNearest) {
    return false;
  }
  const auto jpeg = ScalableJpeg::open({file.data, static_cast<std::size_t>(file.size)});
  if (!jpeg) return false;
  const Shape stored{jpeg->width(), jpeg->height(), 1.0};
  const Placement placement = place(upright(stored, *stored_orientation_), *preprocessing_);
  const Placement as_it_lies = as_stored(placement, *stored_orientation_);
  const auto scaled = jpeg->decode(as_it_lies.width, as_it_lies.height);
  if (!scaled) return false;
  const auto& region = as_it_lies.region;
  Picture part{region.width, region.height, 1.0,
               resample(scaled->picture, scaled->whole, as_it_lies.width, as_it_lies.height, region,
                        preprocessing_->filter)};
  ready_.push_back({{put_in_place(upright(std::move(part), *stored_orientation_).rgb, placement,
                                  preprocessing_->fill),
                     0, 0}});
  ++frames_;
  return true;
}

void PictureStream::require_decoded() const {
  if (frames_ > 0) return;
  if (decoder_.failures() == 0) {
    throw Error(ErrorCode::kInvalidData, "the video stream holds no pictures", source_.name);
  }
  if (source_.is_still) throw_damaged_still();
  throw Error(
      ErrorCode::kInvalidData,
      fmt::format("no picture of the video stream could be decoded: {}", decoder_.last_failure()),
      source_.name);
}

void PictureStream::throw_damaged_still() const {
  const std::string reason = decoder_.failures() > 0 ? ": " + decoder_.last_failure() : "";
  throw Error(ErrorCode::kInvalidData,
              fmt::format("the picture is damaged{}; copy or make it again", reason), source_.name);
}

}  // namespace clipclap::media
