// From the packets of a sound stream to windows of samples.
#pragma once

#include <optional>
#include <string>

#include "media/decoder.h"
#include "media/media_stream.h"
#include "media/sound_cutter.h"
#include "media/sound_options.h"

namespace clipclap::media {

/// One sound stream. Memory depends on the window. Not thread-safe.
class SoundStream final : public MediaStream {
 public:
  /// Throws Error (kUnsupported) where there is no decoder, (kInvalidArgument) for windows that
  /// cannot be.
  SoundStream(const AVStream& stream, const SoundOptions& options, const std::string& name);

  void push(const AVPacket* packet) override;
  std::optional<MediaItem> next() override;
  bool has_decoded() const override { return cutter_.has_heard(); }
  void require_decoded() const override;
  double end_seconds() const override { return cutter_.end_seconds(); }

 private:
  std::string name_;
  Decoder decoder_;
  SoundCutter cutter_;
  FramePointer frame_ = make_frame();
};

}  // namespace clipclap::media
