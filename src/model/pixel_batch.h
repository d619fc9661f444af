// Prepared pictures side by side, as a picture tower takes them.
#pragma once

#include <ATen/core/Tensor.h>

#include <clipclap/picture.h>

#include "model/device.h"

namespace clipclap::model {

/// Not thread-safe. On their way to `device`. The memory is taken once and used again for every
/// batch of the same size.
class PixelBatch {
 public:
  PixelBatch(std::size_t capacity, at::Device device)
      : capacity_(capacity), options_(transfer_options(device, at::kByte)) {}

  /// Whether there is room, and the picture is of the size of those that are in the batch.
  bool takes(const Picture& prepared) const;

  /// Copies a picture behind the others. Only what the batch takes.
  void add(const Picture& prepared);

  bool full() const { return count_ == capacity_; }
  bool empty() const { return count_ == 0; }

  /// [count, height, width, 3] uint8, a view that the next `add` after `clear` writes over.
  at::Tensor pixels() const;
  void clear() { count_ = 0; }

 private:
  bool has_size_of(const Picture& prepared) const;

  std::size_t capacity_;
  at::TensorOptions options_;
  std::size_t count_ = 0;
  at::Tensor memory_;
};

}  // namespace clipclap::model
