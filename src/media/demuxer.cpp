#include "media/demuxer.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "media/decoder.h"
#include "media/ffmpeg_error.h"

namespace clipclap::media {
namespace {

/// Larger than any picture file that is meant; a decoder takes at most INT_MAX bytes.
constexpr std::int64_t kMaxPictureFileBytes = std::int64_t{1} << 30;

/// Where a stream begins later than this, what its first packet says is not waited for.
constexpr std::size_t kMaxPacketsAhead = 256;

constexpr const char* kCutOff = "the file is cut off; copy or record it again";

/// Options for the decoders that analyse the streams.
void analyse_streams(AVFormatContext& format, const std::string& name) {
  std::vector<AVDictionary*> options(format.nb_streams, nullptr);
  for (auto& entry : options) av_dict_set_int(&entry, "max_pixels", kMaxPixels, 0);
  // Streams that turn up during the analysis get no options: the array has only these.
  const unsigned count = format.nb_streams;
  const int result = avformat_find_stream_info(&format, options.empty() ? nullptr : options.data());
  for (unsigned i = 0; i < count; ++i) av_dict_free(&options[i]);
  if (result < 0) throw_av_error(result, "cannot find out what streams it holds", name);
}

/// Whether the stream's index has a packet that ends behind `size` bytes.
bool lists_packet_beyond(AVStream* stream, std::int64_t size) {
  for (int i = avformat_index_get_entries_count(stream) - 1; i >= 0; --i) {
    const AVIndexEntry* entry = avformat_index_get_entry(stream, i);
    if (entry->pos + entry->size > size) return true;
  }
  return false;
}

/// The transport stream marks packets itself and is cut anywhere by nature.
bool marks_damage_itself(const AVFormatContext& format) {
  return std::string_view(format.iformat->name) == "mpegts";
}

}  // namespace

Demuxer::Demuxer(const std::string& input, const StreamWishes& wishes)
    : input_(open_input(input)), others_(wishes.others) {
  const bool seekable = input_.io && (input_.io->seekable & AVIO_SEEKABLE_NORMAL) != 0;
  if (input_.picture_file) {
    // Pictures that follow each other in a pipe need a parser to be told apart.
    const AVCodecID codec =
        format().nb_streams > 0 ? format().streams[0]->codecpar->codec_id : AV_CODEC_ID_NONE;
    whole_file_ = seekable || !ParserPointer(av_parser_init(codec));
  }
  if (!whole_file_) analyse_streams(format(), name());
  streams_ = select_streams(format(), wishes, name());
  if (whole_file_) {
    read_whole_file();
  } else if (input_.picture_format) {
    look_for_second_picture();
  }
}

void Demuxer::read_whole_file() {
  AVIOContext& io = *input_.io;
  if ((io.seekable & AVIO_SEEKABLE_NORMAL) != 0) avio_seek(&io, 0, SEEK_SET);
  std::vector<std::uint8_t> bytes;
  constexpr std::size_t kBlock = 1 << 16;
  while (true) {
    const std::size_t size = bytes.size();
    bytes.resize(size + kBlock);
    const int count = avio_read(&io, bytes.data() + size, static_cast<int>(kBlock));
    bytes.resize(size + static_cast<std::size_t>(std::max(count, 0)));
    if (count < 0 && count != AVERROR_EOF) throw_av_error(count, "cannot be read", name());
    if (count <= 0) break;
    if (static_cast<std::int64_t>(bytes.size()) > kMaxPictureFileBytes) {
      throw Error(ErrorCode::kUnsupported, "is a picture file of more than 1 GiB", name());
    }
  }
  auto packet = make_packet();
  const int result = av_new_packet(packet.get(), static_cast<int>(bytes.size()));
  if (result < 0) throw_av_error(result, "cannot be read", name());
  std::copy(bytes.begin(), bytes.end(), packet->data);
  packet->flags |= AV_PKT_FLAG_KEY;
  packet->pts = packet->dts = 0;
  packet->stream_index = streams_.front().stream->index;
  ahead_.push_back(std::move(packet));
  finished_ = Status::kEnd;
  is_still_ = true;
}

void Demuxer::look_for_second_picture() {
  for (int i = 0; i < 2; ++i) {
    auto packet = make_packet();
    if (fetch(*packet) != Status::kPacket) break;
    ahead_.push_back(std::move(packet));
  }
  is_still_ = ahead_.size() == 1;
}

const AVPacket* Demuxer::first_packet(const AVStream& stream) {
  for (const auto& packet : ahead_) {
    if (packet->stream_index == stream.index) return packet.get();
  }
  while (ahead_.size() < kMaxPacketsAhead) {
    auto packet = make_packet();
    if (fetch(*packet) != Status::kPacket) return nullptr;
    ahead_.push_back(std::move(packet));
    if (ahead_.back()->stream_index == stream.index) return ahead_.back().get();
  }
  return nullptr;
}

Demuxer::Status Demuxer::read(AVPacket& packet) {
  if (ahead_.empty()) return fetch(packet);
  av_packet_unref(&packet);
  av_packet_move_ref(&packet, ahead_.front().get());
  ahead_.erase(ahead_.begin());
  return Status::kPacket;
}

Demuxer::Status Demuxer::fetch(AVPacket& packet) {
  if (finished_) return *finished_;
  Status status = fetch_any(packet);
  const bool is_short = status == Status::kPacket && (packet.flags & AV_PKT_FLAG_CORRUPT) != 0 &&
                        !marks_damage_itself(format());
  if (is_short) {
    // The last packet of a cut file is worth nothing; within a file the decoder makes what it can
    // of a damaged one.
    auto next = make_packet();
    const Status next_status = read_from_format(*next);
    if (next_status == Status::kPacket) {
      behind_short_ = std::move(next);
    } else if (next_status == Status::kEnd) {
      status = broken(ErrorCode::kInvalidData, kCutOff);
    } else {
      status = next_status;
    }
  }
  if (status != Status::kPacket) finished_ = status;
  return status;
}

Demuxer::Status Demuxer::fetch_any(AVPacket& packet) {
  if (!behind_short_) return read_from_format(packet);
  av_packet_unref(&packet);
  av_packet_move_ref(&packet, behind_short_.get());
  behind_short_.reset();
  return Status::kPacket;
}

Demuxer::Status Demuxer::read_from_format(AVPacket& packet) {
  // Demuxers answer "again" for packets that they swallow; a file that makes one do so for ever
  // must not hang the reader.
  constexpr int kMaxRetries = 100'000;
  for (int retries = 0; retries < kMaxRetries;) {
    av_packet_unref(&packet);
    const int result = av_read_frame(&format(), &packet);
    if (result == AVERROR(EAGAIN)) {
      ++retries;
      continue;
    }
    if (result == AVERROR_EOF) return end_of_data();
    if (result < 0) {
      if (ends_early()) return end_of_data();
      return broken(classify_av_error(result),
                    fmt::format("cannot be read further: {}", describe_av_error(result)));
    }
    if (is_wanted(packet.stream_index)) return Status::kPacket;
  }
  return broken(ErrorCode::kInvalidData, "cannot be read further: no packet follows");
}

bool Demuxer::is_wanted(int index) const {
  return others_ ||
         std::any_of(streams_.begin(), streams_.end(), [&](const SelectedStream& selected) {
           return selected.stream->index == index;
         });
}

Demuxer::Status Demuxer::end_of_data() {
  const AVIOContext* io = format().pb;
  if (io != nullptr && io->error < 0 && io->error != AVERROR_EOF) {
    return broken(ErrorCode::kIo,
                  fmt::format("cannot be read further: {}", describe_av_error(io->error)));
  }
  if (!ends_early()) return Status::kEnd;
  return broken(ErrorCode::kInvalidData, kCutOff);
}

bool Demuxer::ends_early() const {
  AVIOContext* io = input_.io.get();
  if (io == nullptr) return false;
  std::int64_t available = avio_size(io);
  if (available <= 0) available = avio_tell(io);
  if (input_.declared_size > available) return true;
  // The index of an MP4 or MOV lists every packet's place.
  if (std::strstr(format().iformat->name, "mp4") == nullptr) return false;
  return std::any_of(streams_.begin(), streams_.end(), [&](const SelectedStream& selected) {
    return lists_packet_beyond(selected.stream, available);
  });
}

Demuxer::Status Demuxer::broken(ErrorCode code, std::string message) {
  broken_.emplace(code, std::move(message), name());
  return Status::kBroken;
}

}  // namespace clipclap::media
