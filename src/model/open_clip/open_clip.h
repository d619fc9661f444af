// Models in open_clip's packaging: open_clip_config.json and open_clip_model.safetensors
// (open_clip 3.3, model.py, transformer.py, timm_model.py).
#pragma once

#include "model/architectures.h"

namespace clipclap::model {

/// Whatever model is in it: towers that are not known are refused by name when it is loaded.
bool recognizes_open_clip(const Checkpoint& checkpoint);
/// One of those that is meant to be scored as SigLIP is.
bool recognizes_open_clip_siglip(const Checkpoint& checkpoint);
DualEncoder load_open_clip(const Checkpoint& checkpoint);

}  // namespace clipclap::model
