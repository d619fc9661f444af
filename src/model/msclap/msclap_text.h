// msclap's text towers: GPT-2 (2023) and BERT (2022).
#pragma once

#include <memory>

#include "checkpoint/msclap_config.h"
#include "model/dual_encoder.h"
#include "model/weights.h"

namespace clipclap::model {

/// Reads `caption_encoder.*`. GPT-2 is read at the place that the count of ids other than 0 gives,
/// as in the reference: each "!" of a text, which is id 0, moves it forward. BERT is read at its
/// first token.
std::unique_ptr<const TextTower> make_msclap_text_tower(const Weights& weights,
                                                        const checkpoint::MsclapConfig& config);

}  // namespace clipclap::model
