// HTS-AT, the audio tower of CLAP (Chen et al. 2022, "HTS-AT: A Hierarchical Token-Semantic Audio
// Transformer for Sound Classification and Detection").
#pragma once

#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "checkpoint/htsat_config.h"
#include "model/htsat/batch_norm.h"
#include "model/htsat/patches.h"
#include "model/htsat/swin.h"
#include "model/transformer_layers.h"
#include "model/weights.h"

namespace clipclap::model {

/// What a packaging calls the tensors. Names not listed are the same everywhere.
struct HtsatNames {
  std::string_view batch_norm;
  std::string_view position_biases;  ///< of a layer
  const LayerNames& layers;
};

/// transformers, models/clap/modeling_clap.py, ClapAudioEncoder.
inline const HtsatNames kHuggingFaceHtsat{
    "batch_norm", "attention.self.relative_position_bias_table", kClapAudioLayers};

/// The authors' own, as msclap has them (msclap, models/htsat.py, HTSAT_Swin_Transformer).
inline const HtsatNames kOriginalHtsat{"bn0", "attn.relative_position_bias_table", kTimmLayers};

/// Immutable after construction; any number of threads may call it.
class Htsat {
 public:
  Htsat(const Weights& weights, const checkpoint::HtsatConfig& config, const HtsatNames& names);

  /// [batch, spectrograms, frames, mels] float32, at most config.frame_count() frames → [batch,
  /// output_width] in the type of the arithmetic. The first spectrogram is the clip's; a fused
  /// tower takes three more of its parts.
  at::Tensor operator()(const at::Tensor& log_mel) const;

 private:
  at::Tensor fold(const at::Tensor& spectrograms) const;

  std::int64_t frame_count_;
  std::int64_t fold_count_;
  at::TensorOptions options_;
  BatchNorm batch_norm_;
  SpectrogramPatches patches_;
  std::vector<SwinStage> stages_;
  LayerNorm norm_;
};

}  // namespace clipclap::model
