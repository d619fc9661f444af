// The demo model that is part of the library.
#pragma once

#include "checkpoint/checkpoint_files.h"

namespace clipclap::model {

/// An ordinary Hugging Face CLIP checkpoint, trained by tools/train_demo_model.
checkpoint::CheckpointFiles demo_model_files();

}  // namespace clipclap::model
