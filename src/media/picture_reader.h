// From a media file, URL or pipe to upright RGB pictures with their times.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <clipclap/media.h>
#include <clipclap/picture.h>

namespace clipclap::media {

struct ReaderOptions {
  Sampling sampling;
  /// Threads of the decoder; 0 lets libavcodec choose.
  int decoder_threads = 0;
};

/// A sampled frame. `end_seconds` is the start of the next sampled frame, for the last one the end
/// of the stream as far as it is known, so that the windows of a stream tile its time line.
struct SampledPicture {
  Picture picture;
  double start_seconds = 0;
  double end_seconds = 0;
};

/// Reads one input (a path, a URL of a protocol that libavformat knows, or "-" for a pipe) once,
/// forwards; memory does not grow with its length. Not thread-safe; movable.
///
/// Throws Error: kNotFound (no such file), kIo, kInvalidData (not media, truncated, damaged: the
/// message says after which second; pictures returned before it are good), kUnsupported (no video
/// stream, no decoder).
class PictureReader {
 public:
  PictureReader(const std::string& input, const ReaderOptions& options);
  ~PictureReader();
  PictureReader(PictureReader&&) noexcept;
  PictureReader& operator=(PictureReader&&) noexcept;

  /// kImage where the input is a still picture, otherwise kVideo.
  MediaKind kind() const;

  /// Name of the stream that is read, e.g. "v:0": the n-th video stream of the file.
  const std::string& stream() const;

  /// Length of the stream where the container tells it (for progress only).
  std::optional<double> duration_seconds() const;

  /// Where the stream begins on the file's clock (for progress only).
  double start_seconds() const;

  /// The next sampled picture; nothing at the end.
  std::optional<SampledPicture> next();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace clipclap::media
