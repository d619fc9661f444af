// The two towers of SigLIP (Zhai et al. 2023; Tschannen et al. 2025 for NaFlex).
#pragma once

#include <memory>

#include "checkpoint/siglip_config.h"
#include "media/preprocessing.h"
#include "model/dual_encoder.h"
#include "model/weights.h"

namespace clipclap::model {

/// Reads `vision_model.*`. A tower that keeps shapes takes pictures of any grid of whole patches.
std::unique_ptr<const PictureTower> make_siglip_picture_tower(
    const Weights& weights, const checkpoint::SiglipConfig& config,
    const media::Preprocessing& preprocessing);

/// Reads `text_model.*`. Takes rows that are padded to every position.
std::unique_ptr<const TextTower> make_siglip_text_tower(const Weights& weights,
                                                        const checkpoint::SiglipConfig& config);

}  // namespace clipclap::model
