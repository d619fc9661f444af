// CLIP as Hugging Face's CLIPModel stores it (transformers, models/clip/modeling_clip.py).
#pragma once

#include "model/architectures.h"

namespace clipclap::model {

bool recognizes_clip(const Checkpoint& checkpoint);
DualEncoder load_clip(const Checkpoint& checkpoint);

}  // namespace clipclap::model
