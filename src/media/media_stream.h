// What every kind of stream has in common: packets go in, what a model takes comes out.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <clipclap/media.h>
#include <clipclap/picture.h>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// A sampled frame. `end_seconds` is the start of the next sampled frame, for the last one the end
/// of the stream as far as it is known, so that the windows of a stream tile its time line.
struct SampledPicture {
  Picture picture;
  double start_seconds = 0;
  double end_seconds = 0;
  std::optional<Box> box{};  ///< of the frame that the picture is
  std::string box_label{};
};

/// Mono, at the model's rate.
struct SoundWindow {
  std::vector<float> samples;
  double start_seconds = 0;
  double end_seconds = 0;
  bool is_silent = false;
};

using MediaItem = std::variant<SampledPicture, SoundWindow>;

/// One stream of a file. Not thread-safe.
class MediaStream {
 public:
  virtual ~MediaStream() = default;

  /// Takes the stream's next packet, or nullptr at its end. Only after next() gave nothing.
  virtual void push(const AVPacket* packet) = 0;

  /// What is complete so far, in order; nothing where a packet is needed, or at the end.
  virtual std::optional<MediaItem> next() = 0;

  virtual bool has_decoded() const = 0;

  /// To be asked at the end: throws Error (kInvalidData) where nothing could be decoded.
  virtual void require_decoded() const = 0;

  /// How far it has been decoded, on the file's clock.
  virtual double end_seconds() const = 0;
};

}  // namespace clipclap::media
