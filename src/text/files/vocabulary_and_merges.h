// Tokenizers of two files, vocab.json and merges.txt, from before there was tokenizer.json.
#pragma once

#include <string>
#include <string_view>

#include "text/files/token_settings.h"
#include "text/pipeline.h"

namespace clipclap::text {

struct VocabularyAndMerges {
  std::string_view vocabulary;  ///< contents of vocab.json
  std::string_view merges;      ///< contents of merges.txt; lines may end in CR LF
  std::string folder;           ///< how messages name the place of both
};

/// Whose rules the two files are for. They do not tell themselves.
enum class BpeFamily { kClip, kRoberta, kGpt2 };

/// The tokenizer.json that transformers 4 (convert_slow_tokenizer.py) makes of the two files: the
/// first line of merges.txt is dropped whatever it says; the last one where no line break follows
/// it, but not for CLIP, of which no more than 48,894 merges are read.
/// Throws Error (kInvalidData): not JSON, a merge that is not two tokens, with its line, a special
/// token that the vocabulary lacks.
TokenizerDocument read_vocabulary_and_merges(const VocabularyAndMerges& files, BpeFamily family,
                                             const TokenSettings& settings);

}  // namespace clipclap::text
