// The picture towers that open_clip takes from timm by name (timm 1.0,
// models/vision_transformer.py).
#pragma once

#include <string>
#include <string_view>

#include "checkpoint/towers_config.h"

namespace clipclap::checkpoint {

/// A VisionTransformer of timm's, as its name alone decides it.
struct TimmTrunk {
  VisionConfig vision;
  /// CLIP's: a class token, a norm before the layers, no bias in the first product. Otherwise
  /// SigLIP's: none of these, and pooling by attention.
  bool is_clip = false;
};

/// A name may carry a tag, which says only where weights came from: "vit_….webli". Nothing where
/// the name is not one of the trunks that are computed here.
const TimmTrunk* find_timm_trunk(std::string_view name);

/// What kind of network another trunk is, for messages: "a ConvNeXt".
std::string_view describe_timm_trunk(std::string_view name);

}  // namespace clipclap::checkpoint
