// Windows of one stream that go through a tower together.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/media.h>

#include "media/media_stream.h"
#include "model/dual_encoder.h"
#include "model/pixel_batch.h"
#include "model/sample_batch.h"

namespace clipclap::classify {

/// Not thread-safe.
class WindowBatch {
 public:
  /// `encoder` outlives the batch and has the sense for the stream.
  WindowBatch(const model::DualEncoder& encoder, std::size_t capacity)
      : encoder_(&encoder), capacity_(capacity), pixels_(capacity), samples_(capacity) {}

  /// Whether it can go along with those that are in the batch.
  bool takes(const media::MediaItem& item) const;

  /// `window` gets the item's times. Only what the batch takes; pictures are prepared.
  void add(const media::MediaItem& item, Window window);

  bool full() const { return windows_.size() == capacity_; }
  bool empty() const { return windows_.empty(); }
  const std::vector<Window>& windows() const { return windows_; }

  /// Embeddings of the windows that are not silent.
  at::Tensor encode() const;
  void clear();

 private:
  const model::DualEncoder* encoder_;
  std::size_t capacity_;
  model::PixelBatch pixels_;
  model::SampleBatch samples_;
  std::vector<Window> windows_;
};

}  // namespace clipclap::classify
