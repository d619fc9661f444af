// A checkpoint's tokenizer, and what its tokenizer_config.json adds to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "checkpoint/checkpoint_files.h"
#include "checkpoint/towers_config.h"
#include "model/dual_encoder.h"
#include "text/tokenizer.h"

namespace clipclap::model {

/// The length is the tower's `position_count`, or `model_max_length` where that is shorter; the pad
/// id is `pad_token`'s. Throws Error (kInvalidData) where the file is there and wrong.
TextLayout read_text_layout(const checkpoint::CheckpointFiles& files,
                            const text::Tokenizer& tokenizer, std::size_t position_count);

/// The id of a token that tokenizer_config.json names, such as "sep_token". Throws Error
/// (kInvalidData) where it names none, or one that the tokenizer lacks.
std::int64_t read_special_id(const checkpoint::CheckpointFiles& files,
                             const text::Tokenizer& tokenizer, std::string_view key);

/// Tokenizer and layout of a Hugging Face folder; the tower is left to the caller.
TextSide load_text_side(const checkpoint::CheckpointFiles& files,
                        const checkpoint::TextConfig& config);

/// Throws Error (kInvalidData) where the tokenizer can give ids that the tower has no row for.
void require_vocabulary_fits(const text::Tokenizer& tokenizer, std::int64_t row_count,
                             const std::string& origin);

}  // namespace clipclap::model
