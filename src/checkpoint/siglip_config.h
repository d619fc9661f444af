// config.json of a Hugging Face SiglipModel or Siglip2Model, every default filled in.
#pragma once

#include <string>

#include "base/json.h"
#include "checkpoint/towers_config.h"

namespace clipclap::checkpoint {

/// Defaults are those of transformers' SiglipConfig (models/siglip/configuration_siglip.py) and
/// Siglip2Config (models/siglip2/configuration_siglip2.py). Embeddings are as wide as the picture
/// tower.
struct SiglipConfig {
  /// For NaFlex image_size is 0: pictures keep their shape.
  VisionConfig vision;
  /// A square number; the position embedding that is resized to each picture's grid. NaFlex only.
  int position_count = 0;
  TextConfig text;

  bool keeps_shape() const { return vision.image_size == 0; }
};

/// Throws Error with file and key, as parse_clip_config does; kInvalidData too where the two towers
/// do not end in the same width, kUnsupported for a picture tower without its pooling head.
SiglipConfig parse_siglip_config(const Json& config, const std::string& origin);

}  // namespace clipclap::checkpoint
