// Prepared pictures side by side, as a picture tower takes them.
#pragma once

#include <ATen/core/Tensor.h>

#include <clipclap/picture.h>

#include "media/preprocessing.h"

namespace clipclap::model {

/// Not thread-safe. The memory is taken once and used again for every batch.
class PixelBatch {
 public:
  /// `preprocessing` must outlive the batch.
  PixelBatch(std::size_t capacity, const media::Preprocessing& preprocessing);

  /// Prepares a picture as ordered and puts it behind the others. The batch must not be full.
  void add(const Picture& picture);

  bool full() const { return count_ == capacity_; }
  bool empty() const { return count_ == 0; }

  /// [count, height, width, 3] uint8, a view that the next `add` after `clear` writes over.
  at::Tensor pixels() const;
  void clear() { count_ = 0; }

 private:
  const media::Preprocessing* preprocessing_;
  std::size_t capacity_;
  std::size_t count_ = 0;
  at::Tensor memory_;
};

}  // namespace clipclap::model
