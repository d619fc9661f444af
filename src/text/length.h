// "truncation" and "padding".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "text/json/json_node.h"
#include "text/post_processors/post_processor.h"

namespace clipclap::text {

enum class Side { kLeft, kRight };

struct Truncation {
  enum class Strategy { kLongestFirst, kOnlyFirst, kOnlySecond };
  std::size_t max_length = 0;  ///< special tokens included
  Side side = Side::kRight;    ///< which end is cut off
  Strategy strategy = Strategy::kLongestFirst;

  static Truncation parse(const JsonNode& node);

  /// Cuts the tokens of one text so that `added` more have room. Throws Error (kInvalidArgument)
  /// without a context where they have not.
  void apply(TokenList& tokens, std::size_t added) const;
};

struct Padding {
  std::size_t length = 0;    ///< 0 leaves a text as long as it is
  std::size_t multiple = 0;  ///< of which the length is made one; 0 for any
  Side side = Side::kRight;
  std::int64_t id = 0;
  std::string token;

  /// "BatchLongest" is the length of a single text.
  static Padding parse(const JsonNode& node);

  /// How many tokens a text of `count` tokens lacks.
  std::size_t missing(std::size_t count) const;
};

/// Longer than any text tower: what asks for more is broken, and would cost all memory.
constexpr std::size_t kMaximumTokens = std::size_t{1} << 24;

}  // namespace clipclap::text
