// The towers that open_clip builds: its own ViT and text transformer, and timm's ViTs.
#pragma once

#include <memory>

#include "checkpoint/open_clip_config.h"
#include "media/preprocessing.h"
#include "model/dual_encoder.h"
#include "model/weights.h"

namespace clipclap::model {

/// Reads `visual.*`, or `visual.trunk.*` and `visual.head.*` for a trunk of timm's.
std::unique_ptr<const PictureTower> make_open_clip_picture_tower(
    const Weights& weights, const checkpoint::OpenClipConfig& config,
    const media::Preprocessing& preprocessing);

/// Reads the tower's tensors below `text.`, or without a prefix as older files have them.
std::unique_ptr<const TextTower> make_open_clip_text_tower(
    const Weights& weights, const checkpoint::OpenClipConfig& config);

}  // namespace clipclap::model
