// SentencePiece's table of replacements, "precompiled_charsmap": a double array of darts-clone and
// behind it the replacements, each ended by a zero byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipclap::text {

/// Immutable.
class Charsmap {
 public:
  struct Match {
    std::size_t length;            ///< bytes of the text
    std::string_view replacement;  ///< well-formed UTF-8, may be empty
  };

  /// `bytes` as the file holds them. Throws Error (kInvalidData) without a context.
  explicit Charsmap(std::string_view bytes);

  /// The replacement of the shortest beginning of `text` that has one; a zero byte ends the search.
  /// Throws Error (kInvalidData) without a context where the table turns out to be broken.
  std::optional<Match> find_shortest(std::string_view text) const;
  /// The same of the longest beginning.
  std::optional<Match> find_longest(std::string_view text) const;

 private:
  template <typename Visit>
  void walk(std::string_view text, Visit visit) const;
  std::uint32_t unit(std::size_t node) const;
  std::string_view replacement(std::size_t offset) const;

  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

}  // namespace clipclap::text
