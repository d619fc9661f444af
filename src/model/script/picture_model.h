// A TorchScript file that makes pictures of pictures: super-resolution, denoising, colouring.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace clipclap::model {

struct PictureModelOptions {
  std::string path;
  std::vector<at::Device> devices{at::kCPU};  ///< each gets the weights
  /// Sides are padded to multiples of it; 0: found by trying.
  std::int64_t multiple = 0;
};

/// Any number of threads may call it.
class PictureModel {
 public:
  /// Tries small pictures of 3 and of 1 channel, and sides that are multiples of 1, 2, 4 … 64: what
  /// is taken is the least whose outputs have one ratio to their inputs. Throws Error: kNotFound,
  /// kInvalidData for what is no TorchScript or takes and gives no pictures, with what was tried
  /// and what LibTorch said.
  explicit PictureModel(const PictureModelOptions& options);
  ~PictureModel();
  PictureModel(const PictureModel&) = delete;
  PictureModel& operator=(const PictureModel&) = delete;

  std::int64_t channels() const;         ///< that it takes, 1 or 3
  std::int64_t output_channels() const;  ///< that it gives, 1 or 3
  std::int64_t multiple() const;
  const std::string& path() const;
  const std::vector<at::Device>& devices() const;

  /// [batch, channels, height, width] float32 with the processor → the same of what becomes of
  /// them, on the device of this index. Sides are padded at the right and at the bottom with their
  /// last pixels; what becomes of that is cut away. Throws Error (kInvalidData) where the output is
  /// no batch of pictures, holds what is no finite number or cannot be cut, and (kInternal) with
  /// LibTorch's words where the model fails.
  at::Tensor run(const at::Tensor& batch, std::size_t device) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace clipclap::model
