// The two towers of CLAP (Wu et al. 2023, "Large-scale Contrastive Language-Audio Pretraining with
// Feature Fusion and Keyword-to-Caption Augmentation").
#pragma once

#include <memory>

#include "checkpoint/audio_preprocessing_config.h"
#include "checkpoint/clap_config.h"
#include "model/dual_encoder.h"
#include "model/weights.h"

namespace clipclap::model {

/// Reads `audio_model.audio_encoder.*` and `audio_projection.*`.
std::unique_ptr<const SoundTower> make_clap_sound_tower(
    const Weights& weights, const checkpoint::ClapConfig& config,
    const checkpoint::AudioPreprocessing& preprocessing);

/// Reads `text_model.*` and `text_projection.*`.
std::unique_ptr<const TextTower> make_clap_text_tower(const Weights& weights,
                                                      const checkpoint::ClapConfig& config);

}  // namespace clipclap::model
