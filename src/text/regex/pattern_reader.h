// Reading the pieces of an Oniguruma expression.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/regex/character_class.h"

namespace clipclap::text {

/// A cursor over an expression, and errors that quote it.
class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : pattern_(pattern) {}

  bool at_end() const { return offset_ == pattern_.size(); }
  char32_t next();
  /// Moves behind `text` where it comes next.
  bool accept(std::string_view text);
  bool starts_with(std::string_view text) const;
  std::string_view rest() const { return pattern_.substr(offset_); }
  void skip(std::size_t bytes) { offset_ += bytes; }

  /// The digits of base `base` that come next, `most` at most. Nothing where there are none.
  std::optional<unsigned> accept_number(unsigned base, std::size_t most);

  /// What follows "{" in "{n}", "{n,}", "{,m}" and "{n,m}". Moves only where it is one of these.
  std::optional<std::pair<unsigned, std::optional<unsigned>>> accept_interval();

  /// What follows "\" in a reference to one of the groups so far, or to any below ten.
  std::optional<unsigned> accept_back_reference(unsigned groups);

  /// A group's name or number, up to and with `end`.
  std::string read_name(char end);

  [[noreturn]] void fail(std::string_view what) const;
  [[noreturn]] void unsupported(std::string_view what) const;

 private:
  std::string_view pattern_;
  std::size_t offset_ = 0;
};

/// A class, from behind its "[" to behind its "]".
CharacterClass read_character_class(PatternReader& reader);

/// What follows "\" in \s, \w, \d, \h, \p{…} and their opposites. Moves only where it is one.
struct SetEscape {
  std::string property;  ///< normalized and known
  bool negated;
};
std::optional<SetEscape> read_set_escape(PatternReader& reader);

/// What follows "\" in an escape that stands for characters; one, but for "\x{41 42}".
std::vector<char32_t> read_code_points(PatternReader& reader);

}  // namespace clipclap::text
