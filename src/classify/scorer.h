// From points to probabilities.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/tagging.h>

#include "model/dual_encoder.h"

namespace clipclap::classify {

/// Immutable; any number of threads may call it.
class Scorer {
 public:
  /// `label_embeddings` is [labels, dimension]. Throws Error (kInvalidArgument) for options that
  /// cannot be.
  Scorer(std::vector<std::string> labels, at::Tensor label_embeddings, model::ScoreRule rule,
         const ScoreOptions& options);

  /// The labels of every row of `embeddings` ([rows, dimension], rows of length 1), best first.
  std::vector<std::vector<ScoredLabel>> score(const at::Tensor& embeddings) const;

  /// Whether both have the same best label, ahead of the next one by at least `lead` (as a softmax
  /// over the labels tells). `a` and `b` are [dimension].
  bool agree(const at::Tensor& a, const at::Tensor& b, double lead) const;

 private:
  std::vector<ScoredLabel> rank(const float* similarities, const float* scores) const;

  std::vector<std::string> labels_;
  at::Tensor label_embeddings_;
  model::ScoreRule rule_;
  ScoreOptions options_;
};

}  // namespace clipclap::classify
