// CLIP as Hugging Face's CLIPModel stores it (transformers, models/clip/modeling_clip.py).
#pragma once

#include "base/json.h"
#include "checkpoint/checkpoint_files.h"
#include "model/dual_encoder.h"

namespace clipclap::model {

bool recognizes_clip(const checkpoint::CheckpointFiles& files, const Json& config);
DualEncoder load_clip(const checkpoint::CheckpointFiles& files, const Json& config);

}  // namespace clipclap::model
