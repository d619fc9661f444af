// A checkpoint's texts: its tokenizer, cut to what its tower takes.
#pragma once

#include <cstdint>

#include "checkpoint/checkpoint_files.h"
#include "checkpoint/tokenizer_files.h"
#include "checkpoint/towers_config.h"
#include "model/dual_encoder.h"

namespace clipclap::model {

/// Texts are cut to the tower's `position_count`, or to the tokenizer's own limit where that is
/// shorter; the tower is left to the caller. Throws Error (kInvalidData) where the tokenizer can
/// give ids that the tower's `row_count` has no row for.
TextSide make_text_side(checkpoint::LoadedTokenizer loaded, std::int64_t row_count,
                        std::int64_t position_count);

/// The same of a folder. Throws what load_tokenizer throws, too.
TextSide load_text_side(const checkpoint::CheckpointFiles& files,
                        const checkpoint::TextConfig& config);

}  // namespace clipclap::model
