// Regular expressions as tokenizer files have them: in the dialect of Oniguruma, which the
// reference uses, matched by PCRE2.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "text/normalized_text.h"

namespace clipclap::text {

/// A compiled expression. Immutable; any number of threads may match at once. Cheap to copy.
class Regex {
 public:
  /// Throws Error: kInvalidData where the expression is not one, kUnsupported where it uses what
  /// PCRE2 has no equal for. The message quotes the expression.
  explicit Regex(std::string_view oniguruma_pattern);

  /// Every match in `text`, from left to right and none over another, and what lies between. An
  /// empty match is skipped where the match before it ended. Throws Error (kInvalidData) where the
  /// search takes more steps than any honest expression needs.
  Stretches find_all(std::string_view text) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace clipclap::text
