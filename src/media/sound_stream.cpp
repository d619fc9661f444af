#include "media/sound_stream.h"

#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap::media {

SoundStream::SoundStream(const AVStream& stream, const SoundOptions& options,
                         const std::string& name)
    : name_(name),
      decoder_(stream, {}, name),
      cutter_(SoundClock(stream.time_base, stream.start_time, name), options, name) {}

void SoundStream::push(const AVPacket* packet) {
  decoder_.send(packet);
  while (true) {
    const auto status = decoder_.receive(*frame_);
    if (status == Decoder::Status::kNeedsPacket) break;
    if (status == Decoder::Status::kEnd) {
      cutter_.finish();
      break;
    }
    cutter_.push(*frame_);
  }
}

std::optional<MediaItem> SoundStream::next() {
  auto window = cutter_.next();
  if (!window) return std::nullopt;
  return std::move(*window);
}

void SoundStream::require_decoded() const {
  if (has_decoded()) return;
  throw Error(ErrorCode::kInvalidData,
              decoder_.failures() > 0
                  ? fmt::format("no sound could be decoded: {}", decoder_.last_failure())
                  : "the sound stream holds no samples",
              name_);
}

}  // namespace clipclap::media
