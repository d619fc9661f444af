// From a media file, URL or pipe to what models take: pictures and windows of sound.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <clipclap/boxes.h>
#include <clipclap/media.h>

#include "media/media_stream.h"
#include "media/preprocessing.h"
#include "media/sound_options.h"
#include "media/stream_selection.h"

namespace clipclap::media {

/// Gives `threads` to a decoder, for as long as what it returns is kept; may wait.
using TakeThreads = std::function<std::shared_ptr<void>(std::size_t threads)>;

struct ReaderOptions {
  StreamWishes wishes{};
  Sampling sampling{};
  /// Pictures leave prepared for a model; otherwise as large as they are.
  std::optional<Preprocessing> preprocessing{};
  SoundOptions sound{};
  /// Threads of each film's decoder; 0: as many as keep all cores busy.
  int decoder_threads = 0;
  /// Called before a video's decoder begins; none: it begins at once.
  TakeThreads take_threads{};
  /// Looked at between packets: kCancelled.
  const std::atomic<bool>* stop = nullptr;
  /// The input's own: looked at in place of whole pictures.
  std::optional<std::vector<DetectedBox>> boxes{};
};

/// What the container tells of a stream that is read.
struct StreamDescription {
  std::string name;  ///< "v:0"
  MediaKind kind = MediaKind::kVideo;
  double start_seconds = 0;                  ///< on the file's clock
  std::optional<double> duration_seconds{};  ///< for progress only
};

/// Reads one input (a path, a URL of a protocol that libavformat knows, or "-" for a pipe) once,
/// forwards; memory does not grow with its length. Not thread-safe; movable.
///
/// Throws Error: kNotFound (no such file, no such stream), kIo, kInvalidData (not media, truncated,
/// damaged: the message says after which second; what was returned before it is good), kUnsupported
/// (no stream of the kind, no decoder), kCancelled.
class MediaReader {
 public:
  MediaReader(const std::string& input, const ReaderOptions& options);
  ~MediaReader();
  MediaReader(MediaReader&&) noexcept;
  MediaReader& operator=(MediaReader&&) noexcept;

  /// Those that are read, in the order of the file.
  const std::vector<StreamDescription>& streams() const;

  /// Whether the file has videos, or sounds, that are not read; cover pictures do not count.
  bool leaves_out(MediaKind kind) const;

  struct Item {
    std::size_t stream = 0;  ///< of streams()
    MediaItem content;
  };
  /// The next item: of each stream in order, of several as the file interleaves them. Nothing at
  /// the end.
  std::optional<Item> next();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace clipclap::media
