// Windows that go through a tower together.
#pragma once

#include <cstddef>
#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/media.h>

#include "media/media_stream.h"
#include "model/dual_encoder.h"
#include "model/pixel_batch.h"
#include "model/sample_batch.h"

namespace clipclap::classify {

/// Where a window comes from: numbers of the input, of the stream in it, and of the window there.
struct Place {
  std::size_t input = 0;
  std::size_t stream = 0;
  std::size_t number = 0;  ///< of the window in its stream
};

/// Not thread-safe while windows are added; afterwards any number of threads may encode.
class WindowBatch {
 public:
  /// `encoder` outlives the batch and has the sense for the windows.
  WindowBatch(const model::DualEncoder& encoder, std::size_t capacity)
      : encoder_(&encoder),
        capacity_(capacity),
        pixels_(capacity, encoder.device),
        samples_(capacity) {}

  /// Whether it can go along with those that are in the batch.
  bool takes(const media::MediaItem& item) const;

  /// `window` gets the item's times. Only what the batch takes; pictures are prepared.
  void add(const media::MediaItem& item, const Place& place, Window window);

  bool full() const { return windows_.size() == capacity_; }
  bool empty() const { return windows_.empty(); }
  const std::vector<Window>& windows() const { return windows_; }
  const std::vector<Place>& places() const { return places_; }

  /// How many of them are not silent: they have a row each.
  std::size_t row_count() const;
  /// Embeddings of `count` rows from `first` on.
  at::Tensor encode(std::size_t first, std::size_t count) const;

 private:
  const model::DualEncoder* encoder_;
  std::size_t capacity_;
  model::PixelBatch pixels_;
  model::SampleBatch samples_;
  std::vector<Window> windows_;
  std::vector<Place> places_;
};

}  // namespace clipclap::classify
