// The user's words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <clipclap/export.h>

namespace clipclap {

/// The words to look for and the sentences they are put into.
struct LabelSet {
  std::vector<std::string> labels;
  /// Each holds "{}" once, the label's place. With several, a label's embedding is the normalised
  /// mean of its normalised prompt embeddings (CLIP, Radford et al. 2021, section 3.1.4).
  std::vector<std::string> templates{"{}"};

  /// Throws Error (kInvalidArgument): no label, an empty one, two the same, not UTF-8, a template
  /// without "{}" or with two.
  CLIPCLAP_API void validate() const;
};

/// Reads the command line's form: "cat,dog" (a backslash before a comma keeps it in the label), or
/// "@FILE": UTF-8, one label a line, lines that start with "#" are comments, white space around a
/// label is dropped, empty lines too. Throws Error (kInvalidArgument, kNotFound, kIo) with the file
/// and line of what is wrong: empty, not UTF-8, a duplicate.
CLIPCLAP_API std::vector<std::string> parse_labels(std::string_view text);

}  // namespace clipclap
