// CNN14, the audio tower of msclap 2022 (Kong et al. 2020, "PANNs: Large-Scale Pretrained Audio
// Neural Networks for Audio Pattern Recognition", table I).
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "model/blocks/linear.h"
#include "model/htsat/batch_norm.h"
#include "model/weights.h"

namespace clipclap::model {

/// Immutable after construction; any number of threads may call it.
class Cnn14 {
 public:
  /// Reads `bn0`, `conv_block1` … `conv_block6` and `fc1`.
  Cnn14(const Weights& weights, std::int64_t mel_count, std::int64_t width);

  /// [batch, 1, frames, mels] float32 → [batch, width].
  at::Tensor operator()(const at::Tensor& log_mel) const;

 private:
  struct Convolution {
    at::Tensor weight, bias;  ///< the batch norm behind it is folded in
  };

  static Convolution load(const Weights& block, int number, std::int64_t in, std::int64_t out);

  at::TensorOptions options_;
  BatchNorm batch_norm_;
  std::vector<Convolution> convolutions_;  ///< two of each block
  Linear projection_;
};

}  // namespace clipclap::model
