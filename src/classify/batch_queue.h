// Windows to embeddings, many at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "classify/encoder_pool.h"
#include "classify/window_batch.h"
#include "classify/window_source.h"

namespace clipclap::classify {

/// A window that went through its tower.
struct EncodedWindow {
  Place place;
  Window window;
  at::Tensor embedding;          ///< [dimension], of length 1; undefined where it is silent
  std::exception_ptr failure{};  ///< the model's, on this window
};

/// Fills a batch of pictures and one of sounds, encodes full ones side by side on as many threads
/// as LibTorch is set to, and gives them back in the order in which they were filled. What is in a
/// batch does not depend on the threads. Not thread-safe.
class BatchQueue {
 public:
  /// `senses` outlives it. A batch of 0 is what suits each of them; 0 batches under way at once are
  /// as many as keep every thread busy.
  BatchQueue(const Senses& senses, std::size_t batch, std::size_t most_under_way = 0);

  std::size_t thread_count() const { return pool_.thread_count(); }
  /// Windows of the kind that most go along of.
  std::size_t largest_batch() const { return std::max(capacity_[0], capacity_[1]); }

  /// The window gets the item's times. Only while there is room.
  void add(const media::MediaItem& item, const Place& place, Window window);
  /// What has been added need not wait for more.
  void flush();

  /// Whether more may be added; otherwise take() one first.
  bool has_room() const { return under_way_.size() <= most_under_way_; }
  /// Whether take() would not wait.
  bool is_ready() const;
  /// Waits until take() would not wait, or for the time; says whether it would not. To be called
  /// once, from any thread, whatever becomes of the queue meanwhile. Not where it is empty.
  std::function<bool(std::chrono::steady_clock::time_point)> waiter() const;
  /// Whether a thread may have nothing to do until more is added or flushed.
  bool is_idle() const { return under_way_.size() < pool_.thread_count(); }
  /// Nothing has been flushed that is not taken.
  bool empty() const { return under_way_.empty(); }
  /// The next batch's windows; waits for them. Not where it is empty.
  std::vector<EncodedWindow> take();

 private:
  struct Filling {
    WindowBatch batch;
    std::size_t begun_at;  ///< windows that had come before its first
  };
  /// The batch in parts, one after the other.
  struct UnderWay {
    std::shared_ptr<const WindowBatch> batch;
    std::vector<std::shared_future<at::Tensor>> parts;
  };

  void submit(std::optional<Filling>& filling, std::size_t most_parts);
  void encode_here(std::optional<Filling>& filling);

  const Senses& senses_;
  std::size_t capacity_[2];            ///< of batches of pictures, of sounds
  std::optional<Filling> filling_[2];  ///< likewise
  std::deque<UnderWay> under_way_;
  std::size_t added_ = 0;
  bool submitted_ = false;
  EncoderPool pool_;
  std::size_t most_under_way_;
};

}  // namespace clipclap::classify
