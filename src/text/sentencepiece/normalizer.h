// SentencePiece's own normalizer.
#pragma once

#include "text/normalizers/normalizer.h"
#include "text/sentencepiece/model_file.h"

namespace clipclap::text {

/// Behaves as Normalizer::Normalize of SentencePiece 0.2 (normalizer.cc): replaces by the table,
/// the longest match first, leaves user-defined symbols as they are, drops extra spaces, adds the
/// dummy prefix and writes spaces as U+2581. Throws Error (kInvalidData) without a context where
/// the table is broken.
NormalizerPointer make_sentencepiece_normalizer(const SentencePieceModel& model);

}  // namespace clipclap::text
