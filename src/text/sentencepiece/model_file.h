// A SentencePiece model file: "spiece.model", "tokenizer.model" (sentencepiece_model.proto).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/json/tokenizer_document.h"

namespace clipclap::text {

/// What is read of "trainer_spec", "normalizer_spec" and "pieces"; the defaults are the format's.
struct SentencePieceModel {
  enum class Algorithm { kUnigram = 1, kBpe = 2 };
  enum class PieceType { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

  struct Normalization {
    std::string charsmap;  ///< "precompiled_charsmap"; empty for none
    bool adds_dummy_prefix = true;
    bool removes_extra_spaces = true;
    bool escapes_spaces = true;
    bool spaces_behind_words = false;  ///< "treat_whitespace_as_suffix"
  };

  StringTable pieces;  ///< in the order of their ids
  std::vector<float> scores;
  std::vector<PieceType> types;
  std::uint32_t unknown_id = 0;  ///< behind the last piece where bytes stand for the unknown
  Algorithm algorithm = Algorithm::kUnigram;
  bool byte_fallback = false;
  Normalization normalization;

  /// The ids of the pieces of a type.
  std::vector<std::uint32_t> ids_of(PieceType type) const;
};

/// `origin` names the file in messages. Throws Error: kInvalidData for what the reference refuses
/// (cut short, a piece that is empty or there twice, none or two for the unknown, bytes missing)
/// and for pieces that are not UTF-8; kUnsupported for word and character models and for BPE with
/// unused pieces.
SentencePieceModel read_sentencepiece_model(std::string_view bytes, const std::string& origin);

}  // namespace clipclap::text
