// Tokenizers of a SentencePiece model alone. Each throws Error (kInvalidData), without a context
// where only the model's file is to blame: a table that is broken, a special token that is no
// piece.
#pragma once

#include <string>

#include "text/files/token_settings.h"
#include "text/pipeline.h"
#include "text/sentencepiece/model_file.h"
#include "text/tokenizer.h"

namespace clipclap::text {

/// What SentencePiece itself makes of a text: no special tokens, neither found nor added.
Tokenizer make_sentencepiece_tokenizer(const SentencePieceModel& model, const std::string& origin);

/// SigLIP's: lower case, ASCII punctuation dropped, "</s>" at the end unless it is there already,
/// as SiglipTokenizer of transformers 4 does (tokenization_siglip.py).
Tokenizer make_siglip_tokenizer(const SentencePieceModel& model, const TokenSettings& settings,
                                const std::string& origin);

/// SigLIP 2's: GemmaTokenizer of transformers 4 (tokenization_gemma.py) with "<eos>" at the end and
/// no "<bos>" before it, and, where `makes_lower_case`, lower case between the special tokens as in
/// transformers 5 (tokenization_siglip2.py).
Tokenizer make_siglip2_tokenizer(const SentencePieceModel& model, const TokenSettings& settings,
                                 bool makes_lower_case, const std::string& origin);

}  // namespace clipclap::text
