// Frames of a film to pictures as a model takes them, several at once.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/worker_pool.h"
#include "media/frame_preparer.h"

namespace clipclap::media {

/// Resampling a frame of 1080 lines takes a core as long as decoding it does, so a film keeps as
/// many cores busy with it as with its decoder. Not thread-safe.
class PrepareAhead {
 public:
  /// As FramePreparer. With one thread frames are prepared by the caller.
  PrepareAhead(const std::string& name, const std::optional<Preprocessing>& preprocessing,
               std::size_t threads);

  /// Takes what the frame holds. What FramePreparer throws is in the future.
  std::future<Picture> whole(AVFrame& frame, const FrameTraits& traits);

  /// Frames that may wait or be under way before the first of them is waited for: they keep memory
  /// of the decoder.
  std::size_t most_under_way() const { return 2 * preparers_.size(); }

 private:
  std::vector<std::unique_ptr<FramePreparer>> preparers_;  ///< of each thread
  WorkerPool<Picture> pool_;
};

/// Half as many as a decoder's threads, where nobody says how many half as many as cores.
std::size_t preparing_threads(int decoder_threads);

}  // namespace clipclap::media
