// Questions with answers: units of categories, each told by its prompts.
#pragma once

#include <string>
#include <vector>

#include <clipclap/export.h>

namespace clipclap {

/// An answer, and the prompts that tell it.
struct Category {
  std::string name;
  std::vector<std::string> prompts;
};

/// A question: one softmax over its categories.
struct CategoryUnit {
  std::string name;
  std::vector<Category> categories;
};

struct CategorySet {
  std::vector<CategoryUnit> units{};
  /// false: a category is one point, the normalised mean of its prompts' normalised embeddings, so
  /// its score does not depend on their number. true: the softmax is over all prompts of the unit,
  /// and a category's score is their sum, as FFmpeg's proposed filter had it; its similarity is the
  /// mean of theirs. Taggers refuse that for models whose score is a sigmoid: Error
  /// (kInvalidArgument).
  bool sums_prompts = false;

  bool empty() const { return units.empty(); }

  /// Throws Error (kInvalidArgument): no unit, a unit of fewer than two categories, a category
  /// without prompts, a name that is empty or stands twice where it must not, not UTF-8.
  CLIPCLAP_API void validate() const;
};

/// Reads a categories file: "[unit]", below it "(category)", below it a prompt a line; "#" begins a
/// comment line, empty lines count for nothing. UTF-8, white space around a line is dropped. Throws
/// Error (kInvalidArgument, kNotFound, kIo) with the file and line of what is wrong.
CLIPCLAP_API CategorySet read_categories(const std::string& path);

}  // namespace clipclap
