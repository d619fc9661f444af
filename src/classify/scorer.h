// From points to probabilities.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/tagging.h>

#include "classify/vocabulary.h"
#include "model/dual_encoder.h"

namespace clipclap::classify {

/// Throws Error (kInvalidArgument) for options that cannot be.
void validate(const ScoreOptions& options);

/// Immutable; any number of threads may call it.
class Scorer {
 public:
  /// Throws Error (kInvalidArgument) for options that cannot be, and where scores would be sums of
  /// sigmoids.
  Scorer(Vocabulary words, model::ScoreRule rule, const ScoreOptions& options);

  /// The labels of every row of `embeddings` ([rows, dimension], rows of length 1), unit after
  /// unit, best first. Of a label with several points the score is the sum of theirs, the
  /// similarity the mean.
  std::vector<std::vector<ScoredLabel>> score(const at::Tensor& embeddings) const;

  /// Whether both have the same best label in every unit, ahead of the next one by at least `lead`
  /// (as a softmax over the labels tells). `a` and `b` are [dimension].
  bool agree(const at::Tensor& a, const at::Tensor& b, double lead) const;

 private:
  // [rows, labels]
  struct Measures {
    at::Tensor similarities;
    at::Tensor scores;
  };

  Measures measure(const at::Tensor& embeddings, model::ScoreRule::Kind kind) const;
  at::Tensor softmax_of_units(const at::Tensor& logits) const;
  at::Tensor sum_of_points(const at::Tensor& values) const;
  bool sums_points() const { return label_of_point_.defined(); }
  void rank(const VocabularyUnit& unit, const float* similarities, const float* scores,
            std::vector<ScoredLabel>& ranked) const;

  Vocabulary words_;  ///< with points as double
  model::ScoreRule rule_;
  ScoreOptions options_;
  std::vector<std::int64_t> points_of_unit_;
  at::Tensor label_of_point_;   ///< where labels have several points
  at::Tensor points_of_label_;  ///< likewise, as float
};

}  // namespace clipclap::classify
