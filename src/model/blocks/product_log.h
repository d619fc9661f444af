// The products that a tower is made of, written down while it runs.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace clipclap::model {

class Linear;

/// While one lives, every product of the same thread is written into it: what a machine needs for
/// those alone is the ceiling that a tower is measured by.
class ProductLog {
 public:
  ProductLog() { current_ = this; }
  ~ProductLog() { current_ = nullptr; }
  ProductLog(const ProductLog&) = delete;
  ProductLog& operator=(const ProductLog&) = delete;

  struct Entry {
    const Linear* product;
    std::vector<std::int64_t> input_shape;
    at::TensorOptions options;
  };
  const std::vector<Entry>& entries() const { return entries_; }

  static void note(const Linear& product, const at::Tensor& input) {
    if (current_ == nullptr) return;
    current_->entries_.push_back({&product, input.sizes().vec(), input.options()});
  }

 private:
  inline static thread_local ProductLog* current_ = nullptr;
  std::vector<Entry> entries_;
};

}  // namespace clipclap::model
