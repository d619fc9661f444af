// The text tower of CLIP and SigLIP: a transformer over ids, read at one token.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <ATen/core/Tensor.h>

#include "checkpoint/towers_config.h"
#include "model/blocks/linear.h"
#include "model/blocks/norm.h"
#include "model/blocks/transformer.h"
#include "model/dual_encoder.h"

namespace clipclap::model {

struct TextTowerParts {
  at::Tensor token_embedding;     ///< [vocabulary, width]
  at::Tensor position_embedding;  ///< [positions, width]
  Transformer transformer;
  LayerNorm final_norm;
  checkpoint::TextPool pool = checkpoint::TextPool::kLargestId;
  std::int64_t end_id = 0;  ///< for TextPool::kEndToken
  std::optional<Linear> projection{};
};

/// Takes rows of as many tokens as there are positions, or fewer.
std::unique_ptr<const TextTower> make_text_tower(TextTowerParts parts);

}  // namespace clipclap::model
