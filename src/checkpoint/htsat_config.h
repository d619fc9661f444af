// The shape of an HTS-AT audio tower.
#pragma once

#include <cstddef>
#include <vector>

#include "checkpoint/json_fields.h"
#include "checkpoint/model_config.h"

namespace clipclap::checkpoint {

/// HTS-AT (Chen et al. 2022, section 2): a spectrogram is folded into a square picture, which a
/// Swin transformer (Liu et al. 2021) looks at in stages. Each stage halves the grid of patches
/// that the one before it left, and doubles their width.
struct HtsatConfig {
  int mel_count = 64;    ///< divides spec_size
  int spec_size = 256;   ///< of the picture, a side
  int patch_size = 4;    ///< patches may overlap: they lie patch_stride apart
  int patch_stride = 4;  ///< at most patch_size, and differs from it by an even number
  int patch_width = 96;  ///< of the first stage
  int window_size = 8;   ///< patches a side that look at each other; no stage has a smaller grid
  std::vector<int> depths{2, 2, 6, 2};  ///< layers of each stage
  std::vector<int> head_counts{4, 8, 16, 32};
  double mlp_ratio = 4;
  Activation activation = Activation::kGelu;
  double layer_norm_eps = 1e-5;  ///< of the layers; all other norms have 1e-5
  bool qkv_bias = true;
  bool patch_norm = true;
  /// Long clips are looked at as a whole and in parts, and both are fused (Wu et al. 2023,
  /// section 3.3).
  bool fusion = false;
  int fusion_reduction = 4;

  std::size_t stage_count() const { return depths.size(); }
  int fold_count() const { return spec_size / mel_count; }
  /// Frames of a spectrogram that fills the picture.
  int frame_count() const { return spec_size * fold_count(); }
  int grid(std::size_t stage) const { return (spec_size / patch_stride) >> stage; }
  int width(std::size_t stage) const { return patch_width << stage; }
  int mlp_width(std::size_t stage) const { return static_cast<int>(mlp_ratio * width(stage)); }
  int output_width() const { return width(stage_count() - 1); }
  int layer_count() const;
};

/// Reads the fields of transformers' ClapAudioConfig (models/clap/configuration_clap.py) over its
/// defaults. Throws Error with file and key: kInvalidData for what does not fit together (a grid
/// that does not halve, a window larger than it, heads that do not divide the width),
/// kUnsupported for what the reference itself cannot run (channels other than 1, oblong patches,
/// unflattened patches, fusion of channels).
HtsatConfig read_htsat(const JsonFields& fields);

}  // namespace clipclap::checkpoint
