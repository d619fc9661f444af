// Unigram made from a table rather than from a tokenizer.json.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "text/models/model.h"

namespace clipclap::text {

struct UnigramTable {
  VocabularyTable vocabulary;  ///< of the form kScores
  std::vector<bool> found;     ///< the tokens that text may become; empty for all
  std::optional<std::uint32_t> unknown_id;
  double unknown_score = 0;
  bool byte_fallback = false;
  /// Sums are kept as float, and what is unknown stays so; else as `tokenizers` does both.
  bool as_sentencepiece = false;

  bool is_found(std::uint32_t id) const { return found.empty() || found[id]; }
};

ModelPointer make_unigram(UnigramTable table);

/// By which an unknown character is worse than the worst token.
inline constexpr double kUnknownPenalty = 10.0;

}  // namespace clipclap::text
