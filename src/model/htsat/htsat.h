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
#include "model/weights.h"

namespace clipclap::model {

/// What a packaging calls the tensors. Names not listed are the same everywhere.
struct HtsatNames {
  std::string_view batch_norm;
  std::string_view attention_norm, mlp_norm;
  std::string_view attention;  ///< holds relative_position_bias_table and the projections
  bool joined_projections;     ///< `qkv`, or `query`, `key` and `value`
  std::string_view output;     ///< of attention
  std::string_view mlp_in, mlp_out;
};

/// transformers, models/clap/modeling_clap.py, ClapAudioEncoder.
inline constexpr HtsatNames kHuggingFaceHtsat{
    "batch_norm", "layernorm_before",       "layernorm_after",    "attention.self",
    false,        "attention.output.dense", "intermediate.dense", "output.dense"};

/// The authors' own, as msclap has them (msclap, models/htsat.py, HTSAT_Swin_Transformer).
inline constexpr HtsatNames kOriginalHtsat{"bn0", "norm1",     "norm2",   "attn",
                                           true,  "attn.proj", "mlp.fc1", "mlp.fc2"};

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
  at::ScalarType type_;
  BatchNorm batch_norm_;
  SpectrogramPatches patches_;
  std::vector<SwinStage> stages_;
  LayerNorm norm_;
};

}  // namespace clipclap::model
