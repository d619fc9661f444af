// config.json of a Hugging Face CLIPModel, every default filled in.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "checkpoint/checkpoint_files.h"
#include "media/preprocessing.h"

namespace clipclap::checkpoint {

enum class Activation { kQuickGelu, kGelu, kGeluTanh, kRelu, kSilu };

/// Reads a `hidden_act`; throws Error (kUnsupported) that names it. `where` is file and key.
Activation parse_activation(const std::string& name, const std::string& where);
std::string_view to_string(Activation activation);

/// One transformer: what the picture tower and the text tower have in common.
struct TransformerConfig {
  int hidden_size = 0;
  int intermediate_size = 0;
  int layer_count = 0;
  int head_count = 0;
  Activation activation = Activation::kQuickGelu;
  double layer_norm_eps = 1e-5;
};

struct ClipVisionConfig {
  TransformerConfig transformer;
  int image_size = 224;
  int patch_size = 32;
};

struct ClipTextConfig {
  TransformerConfig transformer;
  int vocabulary_size = 49408;
  int position_count = 77;
  std::int64_t eos_token_id = 49407;
};

/// Defaults are those of transformers' CLIPConfig, CLIPVisionConfig and CLIPTextConfig
/// (models/clip/configuration_clip.py).
struct ClipConfig {
  ClipVisionConfig vision;
  ClipTextConfig text;
  int projection_dim = 512;
};

/// Throws Error (kInvalidData) that names the file, the key and what is wrong: not an object, a
/// wrong type, a size that is not positive or not divisible as it must be.
ClipConfig parse_clip_config(const Json& config, const std::string& origin);

/// The picture preprocessing that a checkpoint orders: `preprocessor_config.json`, or the
/// `image_processor` of `processor_config.json`; old and new spellings (an integer `size` or
/// `crop_size`, `feature_extractor_type`). `image_size` is the tower's, for what the file leaves out
/// and to check that the crop fits the tower.
media::Preprocessing parse_preprocessing(const CheckpointFiles& files, int image_size);

}  // namespace clipclap::checkpoint
