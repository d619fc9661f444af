// The two towers of CLIP (Radford et al. 2021; transformers, models/clip/modeling_clip.py).
#pragma once

#include <memory>

#include "checkpoint/clip_config.h"
#include "media/preprocessing.h"
#include "model/dual_encoder.h"
#include "model/weights.h"

namespace clipclap::model {

/// Reads `vision_model.*` and `visual_projection.weight`.
std::unique_ptr<const PictureTower> make_clip_picture_tower(
    const Weights& weights, const checkpoint::ClipConfig& config,
    const media::Preprocessing& preprocessing);

/// Reads `text_model.*` and `text_projection.weight`.
std::unique_ptr<const TextTower> make_clip_text_tower(const Weights& weights,
                                                      const checkpoint::ClipConfig& config);

}  // namespace clipclap::model
