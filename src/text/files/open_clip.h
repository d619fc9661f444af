// open_clip's own tokenizer (open_clip 3, tokenizer.py, SimpleTokenizer).
#pragma once

#include "text/pipeline.h"

namespace clipclap::text {

/// Puts open_clip's words and special tokens around the vocabulary and merges of `clip`, CLIP's
/// tokenizer as transformers stores it. What that calls <|startoftext|> and <|endoftext|> is
/// <start_of_text> and <end_of_text> here, in tokens and in texts. Cleaning is left to
/// Wrapping::clean.
/// Throws Error (kInvalidData) where the vocabulary is not CLIP's: a byte or a special token is
/// missing.
Pipeline make_open_clip_pipeline(TokenizerDocument clip, const std::string& origin);

}  // namespace clipclap::text
