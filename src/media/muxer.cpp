#include "media/muxer.h"

#include <cerrno>
#include <string_view>

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clipclap/error.h>

#include "media/ffmpeg_compat.h"
#include "media/ffmpeg_error.h"

namespace clipclap::media {
namespace {

constexpr int kBufferBytes = 1 << 16;

int descriptor_of(void* opaque) { return *static_cast<int*>(opaque); }

int write_bytes(void* opaque, WrittenBytes bytes, int size) {
  const int descriptor = descriptor_of(opaque);
  if (descriptor == Muxer::kNowhere) return size;
  for (int written = 0; written < size;) {
    const auto count =
        ::write(descriptor, bytes + written, static_cast<std::size_t>(size - written));
    if (count >= 0) {
      written += static_cast<int>(count);
    } else if (errno == EAGAIN) {
      // A descriptor shared with a program that made it non-blocking.
      pollfd request{.fd = descriptor, .events = POLLOUT, .revents = 0};
      ::poll(&request, 1, -1);
    } else if (errno != EINTR) {
      return AVERROR(errno);
    }
  }
  return size;
}

std::int64_t seek_bytes(void* opaque, std::int64_t offset, int whence) {
  const int descriptor = descriptor_of(opaque);
  if (descriptor == Muxer::kNowhere) return 0;
  struct stat status {};
  if ((whence & AVSEEK_SIZE) != 0) {
    return ::fstat(descriptor, &status) == 0 ? status.st_size : AVERROR(errno);
  }
  const auto place = ::lseek(descriptor, offset, whence & ~AVSEEK_FORCE);
  return place >= 0 ? place : AVERROR(errno);
}

CustomIoPointer open_io(int& descriptor) {
  struct stat status {};
  const bool can_seek = descriptor == Muxer::kNowhere ||
                        (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode));
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
  if (buffer == nullptr) throw std::bad_alloc();
  CustomIoPointer io(avio_alloc_context(buffer, kBufferBytes, 1, &descriptor, nullptr, write_bytes,
                                        can_seek ? seek_bytes : nullptr));
  if (io) return io;
  av_free(buffer);
  throw std::bad_alloc();
}

const AVOutputFormat& find_format(const std::string& name, const std::string& format) {
  const auto* found = format.empty() ? av_guess_format(nullptr, name.c_str(), nullptr)
                                     : av_guess_format(format.c_str(), nullptr, nullptr);
  if (found != nullptr) return *found;
  if (format.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "its extension is none of a container that this FFmpeg writes; name a film such as "
                "out.mkv or out.mp4, a picture such as out.png, or the container with --format",
                name);
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("this FFmpeg writes no container \"{}\"; `ffmpeg -muxers` lists those "
                          "that it writes",
                          format),
              name);
}

bool is_one_of_pictures(const AVOutputFormat& format) {
  return std::string_view(format.name) == "image2";
}

/// libavformat's own tag of the codec where the source's means another in this container.
unsigned tag_for(const AVOutputFormat& format, const AVCodecParameters& source) {
  unsigned own = 0;
  const bool keeps = format.codec_tag == nullptr ||
                     av_codec_get_id(format.codec_tag, source.codec_tag) == source.codec_id ||
                     av_codec_get_tag2(format.codec_tag, source.codec_id, &own) == 0;
  return keeps ? source.codec_tag : 0;
}

}  // namespace

Muxer::Muxer(int descriptor, const std::string& name, const std::string& format)
    : name_(name), descriptor_(descriptor) {
  route_av_log();
  const auto* chosen = &find_format(name, format);
  picture_codec_ = av_guess_codec(chosen, nullptr, name.c_str(), nullptr, AVMEDIA_TYPE_VIDEO);
  one_picture_ = is_one_of_pictures(*chosen);
  // image2 opens files by itself, and many of them.
  if (one_picture_) chosen = av_guess_format("image2pipe", nullptr, nullptr);
  AVFormatContext* context = nullptr;
  forget_av_message();
  require(avformat_alloc_output_context2(&context, chosen, nullptr, name.c_str()),
          "cannot be begun");
  context_.reset(context);
  if ((chosen->flags & AVFMT_NOFILE) != 0) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("{} is no container that is written as one file; name a film such as "
                            "out.mkv",
                            chosen->name),
                name);
  }
  io_ = open_io(descriptor_);
  context_->pb = io_.get();
  context_->flags |= AVFMT_FLAG_CUSTOM_IO;
}

AVStream& Muxer::add() {
  AVStream* stream = avformat_new_stream(context_.get(), nullptr);
  if (stream == nullptr) throw std::bad_alloc();
  return *stream;
}

AVStream& Muxer::add_encoded(const AVCodecContext& encoder) {
  AVStream& stream = add();
  require(avcodec_parameters_from_context(stream.codecpar, &encoder), "cannot take the pictures");
  stream.time_base = encoder.time_base;
  stream.avg_frame_rate = encoder.framerate;
  stream.sample_aspect_ratio = encoder.sample_aspect_ratio;
  return stream;
}

AVStream& Muxer::add_copied(const AVStream& source) {
  AVStream& stream = add();
  require(avcodec_parameters_copy(stream.codecpar, source.codecpar), "cannot take a stream");
  stream.codecpar->codec_tag = tag_for(*context_->oformat, *source.codecpar);
  stream.time_base = source.time_base;
  stream.disposition = source.disposition;
  av_dict_copy(&stream.metadata, source.metadata, 0);
  return stream;
}

void Muxer::copy_metadata(const AVFormatContext& source) {
  av_dict_copy(&context_->metadata, source.metadata, 0);
  // They say of the source what is not so here.
  for (const char* key : {"major_brand", "minor_version", "compatible_brands", "encoder"}) {
    av_dict_set(&context_->metadata, key, nullptr, 0);
  }
}

void Muxer::begin() {
  forget_av_message();
  require(avformat_write_header(context_.get(), nullptr), "cannot be begun");
}

void Muxer::write(AVPacket& packet, int stream, AVRational time_base) {
  av_packet_rescale_ts(&packet, time_base,
                       context_->streams[static_cast<unsigned>(stream)]->time_base);
  packet.stream_index = stream;
  packet.pos = -1;
  forget_av_message();
  require(av_interleaved_write_frame(context_.get(), &packet), "cannot be written further");
}

void Muxer::finish() {
  forget_av_message();
  require(av_write_trailer(context_.get()), "cannot be finished");
  avio_flush(io_.get());
  require(io_->error, "cannot be finished");
}

void Muxer::require(int result, const char* what) const {
  if (io_ && io_->error < 0) result = io_->error;
  if (result >= 0) return;
  if (result == AVERROR(EPIPE)) {
    throw Error(ErrorCode::kCancelled, "the reader of the output has gone", name_);
  }
  throw_av_error(result, what, name_);
}

}  // namespace clipclap::media
