// How open_clip's models get their texts as ids.
#pragma once

#include "checkpoint/checkpoint_files.h"
#include "checkpoint/open_clip_config.h"
#include "model/dual_encoder.h"

namespace clipclap::model {

/// Tokenizer and layout (open_clip 3.3, factory.py, get_tokenizer; tokenizer.py, SimpleTokenizer
/// and HFTokenizer); the tower is left to the caller. Throws Error: kNotFound, which says what file
/// to copy, where the folder holds no tokenizer; kInvalidData.
TextSide load_open_clip_text_side(const checkpoint::CheckpointFiles& files,
                                  const checkpoint::OpenClipTextConfig& config);

}  // namespace clipclap::model
