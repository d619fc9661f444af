// config.json of a Hugging Face CLIPModel, every default filled in.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "checkpoint/towers_config.h"

namespace clipclap::checkpoint {

struct ClipTextConfig : TextConfig {
  /// 2 stands for the older rule: the text's last position is that of its largest id.
  std::int64_t eos_token_id = 49407;
};

/// Defaults are those of transformers' CLIPConfig, CLIPVisionConfig and CLIPTextConfig
/// (models/clip/configuration_clip.py).
struct ClipConfig {
  VisionConfig vision;
  ClipTextConfig text;
  /// The one at the top: the sub-configs' own serve only their lone towers.
  int projection_dim = 512;
};

/// Throws Error with file and key: kInvalidData for what is not an object, of a wrong type (null
/// included), not positive, absurdly large or not divisible as it must be; kUnsupported for
/// channels other than 3, oblong pictures or patches, and unknown activations.
ClipConfig parse_clip_config(const Json& config, const std::string& origin);

}  // namespace clipclap::checkpoint
