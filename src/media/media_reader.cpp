#include "media/media_reader.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "media/decoder.h"
#include "media/demuxer.h"
#include "media/picture_stream.h"
#include "media/sound_stream.h"

namespace clipclap::media {
namespace {

double to_seconds(std::int64_t timestamp, AVRational time_base) {
  return static_cast<double>(timestamp) * time_base.num / time_base.den;
}

std::optional<double> duration_of(const AVStream& stream, const AVFormatContext& format) {
  if (stream.duration != AV_NOPTS_VALUE && stream.duration > 0) {
    return to_seconds(stream.duration, stream.time_base);
  }
  if (format.duration == AV_NOPTS_VALUE || format.duration <= 0) return std::nullopt;
  return static_cast<double>(format.duration) / AV_TIME_BASE;
}

StreamDescription describe(const SelectedStream& selected, const Demuxer& demuxer) {
  StreamDescription description{selected.choice.name(), selected.choice.kind};
  if (demuxer.is_still()) {
    description.kind = MediaKind::kImage;
    return description;
  }
  const AVStream& stream = *selected.stream;
  if (stream.start_time != AV_NOPTS_VALUE) {
    description.start_seconds = to_seconds(stream.start_time, stream.time_base);
  }
  description.duration_seconds = duration_of(stream, demuxer.format());
  return description;
}

}  // namespace

struct MediaReader::Implementation {
  Implementation(const std::string& input, const ReaderOptions& options);

  std::optional<Item> next();
  void feed();
  void require_whole() const;
  std::unique_ptr<MediaStream> open(const SelectedStream& selected, const ReaderOptions& options);

  Demuxer demuxer;
  std::vector<StreamDescription> descriptions;
  std::vector<std::shared_ptr<void>> threads;  ///< of the streams' decoders
  std::vector<std::unique_ptr<MediaStream>> streams;
  const std::atomic<bool>* stop;
  PacketPointer packet = make_packet();
  bool at_end = false;
  bool broken = false;
};

MediaReader::Implementation::Implementation(const std::string& input, const ReaderOptions& options)
    : demuxer(input, options.wishes), stop(options.stop) {
  if (options.decoder_threads < 0) {
    throw Error(ErrorCode::kInvalidArgument, "the number of decoder threads must not be negative");
  }
  for (const auto& selected : demuxer.streams()) {
    descriptions.push_back(describe(selected, demuxer));
    streams.push_back(open(selected, options));
  }
}

std::unique_ptr<MediaStream> MediaReader::Implementation::open(const SelectedStream& selected,
                                                               const ReaderOptions& options) {
  const AVStream& stream = *selected.stream;
  if (selected.choice.kind == MediaKind::kAudio) {
    return std::make_unique<SoundStream>(stream, options.sound, demuxer.name());
  }
  if (options.take_threads && !demuxer.is_still()) {
    const int count = decoder_threads(stream, {.threads = options.decoder_threads}, demuxer.name());
    threads.push_back(options.take_threads(static_cast<std::size_t>(count)));
  }
  const bool needs_first =
      demuxer.is_still() || options.sampling.mode == Sampling::Mode::kKeyframes;
  const PictureSource source{demuxer.format(), stream,
                             needs_first ? demuxer.first_packet(stream) : nullptr,
                             demuxer.is_still(), demuxer.name()};
  return std::make_unique<PictureStream>(
      source, PictureOptions{options.sampling, options.preprocessing, options.decoder_threads,
                             options.boxes});
}

std::optional<MediaReader::Item> MediaReader::Implementation::next() {
  while (true) {
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (auto content = streams[i]->next()) return Item{i, std::move(*content)};
    }
    if (stop != nullptr && stop->load()) {
      throw Error(ErrorCode::kCancelled, "stopped before its end", demuxer.name());
    }
    if (at_end) {
      require_whole();
      return std::nullopt;
    }
    feed();
  }
}

void MediaReader::Implementation::feed() {
  const auto status = demuxer.read(*packet);
  if (status != Demuxer::Status::kPacket) {
    broken = status == Demuxer::Status::kBroken;
    at_end = true;
    for (const auto& stream : streams) stream->push(nullptr);
    return;
  }
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (demuxer.streams()[i].stream->index == packet->stream_index) streams[i]->push(packet.get());
  }
}

/// What is wrong with the file is said when all that is good of it has been handed over.
void MediaReader::Implementation::require_whole() const {
  if (!broken) {
    for (const auto& stream : streams) stream->require_decoded();
    return;
  }
  const Error& reason = demuxer.broken_reason();
  std::optional<double> end;
  for (const auto& stream : streams) {
    if (stream->has_decoded())
      end = std::max(end.value_or(stream->end_seconds()), stream->end_seconds());
  }
  if (!end) {
    const bool pictures = descriptions.front().kind != MediaKind::kAudio;
    throw Error(
        reason.code(),
        fmt::format("no {} could be decoded: {}", pictures ? "picture" : "sound", reason.message()),
        demuxer.name());
  }
  throw Error(reason.code(), fmt::format("after {:.3f} s {}", *end, reason.message()),
              demuxer.name());
}

MediaReader::MediaReader(const std::string& input, const ReaderOptions& options)
    : implementation_(std::make_unique<Implementation>(input, options)) {}
MediaReader::~MediaReader() = default;
MediaReader::MediaReader(MediaReader&&) noexcept = default;
MediaReader& MediaReader::operator=(MediaReader&&) noexcept = default;

const std::vector<StreamDescription>& MediaReader::streams() const {
  return implementation_->descriptions;
}

bool MediaReader::leaves_out(MediaKind kind) const {
  const auto type = kind == MediaKind::kAudio ? AVMEDIA_TYPE_AUDIO : AVMEDIA_TYPE_VIDEO;
  const AVFormatContext& format = implementation_->demuxer.format();
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    const AVStream& stream = *format.streams[i];
    const bool is_cover = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (stream.codecpar->codec_type == type && stream.discard == AVDISCARD_ALL && !is_cover) {
      return true;
    }
  }
  return false;
}

std::optional<MediaReader::Item> MediaReader::next() { return implementation_->next(); }

}  // namespace clipclap::media
