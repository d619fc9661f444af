#include "media/film_writer.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/log.h"

namespace clipclap::media {
namespace {

constexpr int kDepth = 8;
/// Aspects of pixels are ratios of small numbers.
constexpr int kMostAspect = 1 << 16;

std::string_view kind_of(const AVStream& stream) {
  switch (stream.codecpar->codec_type) {
    case AVMEDIA_TYPE_AUDIO:
      return "sound";
    case AVMEDIA_TYPE_SUBTITLE:
      return "subtitle";
    case AVMEDIA_TYPE_VIDEO:
      return "video";
    default:
      return "other";
  }
}

bool can_be_copied(const AVStream& stream) {
  const auto type = stream.codecpar->codec_type;
  return type == AVMEDIA_TYPE_AUDIO || type == AVMEDIA_TYPE_SUBTITLE;
}

AVRational frame_rate(const FilmSource& source) {
  // libavformat's function predates const; it changes nothing.
  return av_guess_frame_rate(&source.format, const_cast<AVStream*>(&source.pictures), nullptr);
}

}  // namespace

FilmWriter::FilmWriter(const FilmTarget& target, const FilmSource& source)
    : target_(target), source_(source), muxer_(target.descriptor, target.name, target.format) {
  // What cannot be is to be known before the work.
  find_encoder(target_.codec, muxer_.picture_codec(), target_.name);
}

/// No query tells as surely as the muxer's own beginning.
bool FilmWriter::takes_these() const {
  Muxer trial(Muxer::kNowhere, target_.name, target_.format);
  add_streams(trial);
  try {
    trial.begin();
  } catch (const Error&) {
    return false;
  }
  return true;
}

void FilmWriter::choose_streams() {
  places_.assign(source_.format.nb_streams, -1);
  for (unsigned i = 0; i < places_.size(); ++i) {
    if (source_.format.streams[i] == &source_.pictures) places_[i] = 0;
  }
  if (muxer_.holds_one_picture() || !takes_these()) return;
  for (unsigned i = 0; i < places_.size(); ++i) {
    if (places_[i] >= 0 || !can_be_copied(*source_.format.streams[i])) continue;
    places_[i] = 0;
    if (!takes_these()) places_[i] = -1;
  }
  int next = 0;
  for (auto& place : places_) {
    if (place >= 0) place = next++;
  }
}

void FilmWriter::note_left_out() const {
  for (unsigned i = 0; i < places_.size(); ++i) {
    const AVStream& stream = *source_.format.streams[i];
    if (places_[i] >= 0) continue;
    const auto line = fmt::format("{}: its {} stream {} ({}) is left out", source_.name,
                                  kind_of(stream), i, avcodec_get_name(stream.codecpar->codec_id));
    if (can_be_copied(stream)) {
      log_warning(fmt::format("{}: {} does not take it{}", line, target_.name,
                              muxer_.holds_one_picture() ? "" : "; Matroska (.mkv) may"));
    } else {
      log_info(line);
    }
  }
}

void FilmWriter::note_losses(AVPixelFormat format) const {
  const auto* description = av_pix_fmt_desc_get(format);
  if (description == nullptr) return;
  if (description->comp[0].depth > kDepth) {
    log_warning(fmt::format("{}: its pictures have {} bits ({}), of which the model gets {}",
                            source_.name, description->comp[0].depth, description->name, kDepth));
  }
  if ((description->flags & AV_PIX_FMT_FLAG_ALPHA) != 0) {
    log_warning(fmt::format("{}: its transparency is left out", source_.name));
  }
}

void FilmWriter::copy(const AVPacket& packet) {
  const auto index = static_cast<std::size_t>(packet.stream_index);
  if (encoder_ && (index >= places_.size() || places_[index] < 0)) return;
  auto copied = make_packet();
  if (av_packet_ref(copied.get(), &packet) < 0) throw std::bad_alloc();
  if (!encoder_) {
    held_.push_back(std::move(copied));
    return;
  }
  if (copied->pts == AV_NOPTS_VALUE) copied->pts = copied->dts;
  muxer_.write(*copied, places_[index], source_.format.streams[index]->time_base);
}

EncoderOptions FilmWriter::encoder_options(const FilmPicture& first, const AVCodec& codec) const {
  const auto& parameters = *source_.pictures.codecpar;
  const auto rate = frame_rate(source_);
  const auto& format = muxer_.format();
  return {.width = first.width,
          .height = first.height,
          .is_grey = first.channels == 1,
          .source_format = first.source_format,
          .colours = {parameters.color_space, parameters.color_primaries, parameters.color_trc},
          .time_base = encoder_time_base(codec, format, source_.pictures.time_base, rate),
          .frame_rate = rate,
          .pixel_aspect = av_d2q(first.pixel_aspect, kMostAspect),
          .global_header = (format.flags & AVFMT_GLOBALHEADER) != 0,
          .threads = target_.encoder_threads,
          .settings = target_.settings};
}

void FilmWriter::begin(const FilmPicture& first) {
  note_losses(first.source_format);
  const auto& codec = find_encoder(target_.codec, muxer_.picture_codec(), target_.name);
  encoder_.emplace(codec, encoder_options(first, codec), target_.name);
  choose_streams();
  note_left_out();
  add_streams(muxer_);
  muxer_.copy_metadata(source_.format);
  muxer_.begin();
  for (auto& packet : held_) copy(*packet);
  held_.clear();
}

/// Those that have a place.
void FilmWriter::add_streams(Muxer& muxer) const {
  for (unsigned i = 0; i < places_.size(); ++i) {
    const AVStream& stream = *source_.format.streams[i];
    if (places_[i] < 0) continue;
    if (&stream != &source_.pictures) {
      muxer.add_copied(stream);
      continue;
    }
    auto& added = muxer.add_encoded(encoder_->context());
    added.disposition = stream.disposition;
    av_dict_copy(&added.metadata, stream.metadata, 0);
  }
}

std::int64_t FilmWriter::to_ticks(double seconds) const {
  const auto source = source_.pictures.time_base;
  const auto ticks = std::llround(seconds * source.den / source.num);
  return av_rescale_q(ticks, source, encoder_->context().time_base);
}

/// Counted in the encoder's time base, and never the same twice.
std::int64_t FilmWriter::next_time(double start_seconds) {
  const auto base = encoder_->context().time_base;
  auto time = to_ticks(start_seconds);
  if (last_time_ && time <= *last_time_) {
    if (av_cmp_q(base, source_.pictures.time_base) == 0) {
      time = *last_time_ + 1;  // two pictures of one time
    } else {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("holds pictures at {}/{} a second only, and two of the source's fall "
                              "together at {:.3f} s; name an .mkv or .mp4",
                              base.den, base.num, start_seconds),
                  target_.name);
    }
  }
  const double error = std::abs(static_cast<double>(time) * av_q2d(base) - start_seconds);
  if (error > av_q2d(source_.pictures.time_base) && !warned_of_rounding_) {
    warned_of_rounding_ = true;
    log_warning(fmt::format("{}: holds pictures at {}/{} a second only, to which times are rounded",
                            target_.name, base.den, base.num));
  }
  last_time_ = time;
  return time;
}

void FilmWriter::write(const FilmPicture& picture) {
  if (!encoder_) {
    begin(picture);
  } else if (muxer_.holds_one_picture()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("is one picture, and {} has more; name a film such as out.mkv", source_.name),
        target_.name);
  }
  const auto time = next_time(picture.start_seconds);
  const auto end = to_ticks(picture.end_seconds);
  encoder_->send(picture.pixels, time,
                 std::max<std::int64_t>(end - time, source_.is_still ? 1 : 0));
  drain();
}

void FilmWriter::drain() {
  const auto packet = make_packet();
  const auto pictures = static_cast<std::size_t>(source_.pictures.index);
  while (encoder_->receive(*packet)) {
    muxer_.write(*packet, places_[pictures], encoder_->context().time_base);
  }
}

void FilmWriter::finish() {
  if (!encoder_) throw Error(ErrorCode::kInvalidData, "has no picture", source_.name);
  encoder_->send_end();
  drain();
  muxer_.finish();
}

}  // namespace clipclap::media
