// The input cut into pieces, each still text or already a token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "text/normalized_text.h"

namespace clipclap::text {

struct Token {
  std::uint32_t id;
  std::string text;
};

struct Piece {
  NormalizedText text;
  std::optional<Token> token;  ///< set where the piece is an added token: nothing cuts it further
};

struct PreTokenizedText {
  std::vector<Piece> pieces;  ///< none is empty

  /// Replaces each piece that is text by `cut(NormalizedText&)`, a vector of NormalizedText.
  template <typename Cut>
  void split(Cut cut) {
    std::vector<Piece> result;
    result.reserve(pieces.size());
    for (auto& piece : pieces) {
      if (piece.token) {
        result.push_back(std::move(piece));
        continue;
      }
      for (auto& part : cut(piece.text)) {
        if (!part.empty()) result.push_back({std::move(part), std::nullopt});
      }
    }
    pieces = std::move(result);
  }
};

}  // namespace clipclap::text
