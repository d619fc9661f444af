// Windows of sound side by side, as a sound tower takes them.
#pragma once

#include <cstddef>
#include <span>

#include <ATen/core/Tensor.h>

namespace clipclap::model {

/// Not thread-safe. The memory is taken once and used again for every batch of the same length.
class SampleBatch {
 public:
  explicit SampleBatch(std::size_t capacity) : capacity_(capacity) {}

  /// Whether there is room, and the window is as long as those that are in the batch.
  bool takes(std::span<const float> window) const;

  /// Copies a window behind the others. Only what the batch takes.
  void add(std::span<const float> window);

  bool empty() const { return count_ == 0; }

  /// [count, samples] float32, a view that the next `add` after `clear` writes over.
  at::Tensor samples() const;
  void clear() { count_ = 0; }

 private:
  bool has_length_of(std::span<const float> window) const;

  std::size_t capacity_;
  std::size_t count_ = 0;
  at::Tensor memory_;
};

}  // namespace clipclap::model
