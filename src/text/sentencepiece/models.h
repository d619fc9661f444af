// SentencePiece's two algorithms.
#pragma once

#include "text/models/model.h"
#include "text/sentencepiece/model_file.h"

namespace clipclap::text {

/// Unigram or BPE over the pieces, for text that the model's normalizer has gone over. Behaves as
/// SentencePieceProcessor::Encode of SentencePiece 0.2: control symbols never come out of text,
/// characters without a piece become bytes or, next to each other, one unknown token.
ModelPointer make_sentencepiece_model(const SentencePieceModel& model);

}  // namespace clipclap::text
