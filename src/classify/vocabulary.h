// What embeddings are held against: names, and the points that stand for them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace clipclap::classify {

/// Labels that are weighed against each other.
struct VocabularyUnit {
  std::string name;  ///< empty for plain labels
  std::vector<std::string> labels;
};

struct Vocabulary {
  std::vector<VocabularyUnit> units;
  /// [points, dimension], rows of length 1, in the order of the labels.
  at::Tensor points;
  /// How many points each label has, unit after unit; empty where each has one.
  std::vector<std::int64_t> points_of_label{};
};

}  // namespace clipclap::classify
