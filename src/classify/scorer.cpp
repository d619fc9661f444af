#include "classify/scorer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/topk.h>

#include <clipclap/error.h>

#include "model/torch_guard.h"

namespace clipclap::classify {
namespace {

void validate(const ScoreOptions& options) {
  if (!(options.temperature > 0) || !std::isfinite(options.temperature)) {
    throw Error(ErrorCode::kInvalidArgument, "the temperature must be a number above 0");
  }
  if (!(options.threshold >= 0 && options.threshold <= 1)) {
    throw Error(ErrorCode::kInvalidArgument, "the threshold must lie between 0 and 1");
  }
  if (options.top == std::size_t{0}) {
    throw Error(ErrorCode::kInvalidArgument, "the number of best labels to keep must be above 0");
  }
}

at::Tensor to_scores(const at::Tensor& similarities, const model::ScoreRule& rule,
                     double temperature) {
  const auto logits = (similarities * rule.logit_scale + rule.logit_bias) / temperature;
  return rule.kind == model::ScoreRule::Kind::kSigmoid ? at::sigmoid(logits)
                                                       : at::softmax(logits, -1);
}

}  // namespace

Scorer::Scorer(std::vector<std::string> labels, at::Tensor label_embeddings, model::ScoreRule rule,
               const ScoreOptions& options)
    : labels_(std::move(labels)),
      label_embeddings_(std::move(label_embeddings)),
      rule_(rule),
      options_(options) {
  validate(options);
}

std::vector<std::vector<ScoredLabel>> Scorer::score(const at::Tensor& embeddings) const {
  return model::with_torch("scores", [&] {
    const auto similarities = at::linear(embeddings, label_embeddings_).contiguous();
    const auto scores = to_scores(similarities, rule_, options_.temperature).contiguous();
    const auto columns = similarities.size(1);
    std::vector<std::vector<ScoredLabel>> ranked;
    ranked.reserve(static_cast<std::size_t>(similarities.size(0)));
    for (std::int64_t row = 0; row < similarities.size(0); ++row) {
      ranked.push_back(rank(similarities.const_data_ptr<float>() + row * columns,
                            scores.const_data_ptr<float>() + row * columns));
    }
    return ranked;
  });
}

bool Scorer::agree(const at::Tensor& a, const at::Tensor& b, double lead) const {
  if (labels_.size() < 2) return true;
  return model::with_torch("scores", [&] {
    const auto logits = at::linear(at::stack({a, b}), label_embeddings_) * rule_.logit_scale;
    const auto [best, order] = at::topk(at::softmax(logits / options_.temperature, -1), 2);
    const auto ahead = (best.select(1, 0) - best.select(1, 1)).min().item<double>();
    return order[0][0].equal(order[1][0]) && ahead >= lead;
  });
}

std::vector<ScoredLabel> Scorer::rank(const float* similarities, const float* scores) const {
  std::vector<std::size_t> order(labels_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // By cosine: scores of labels that are far behind underflow to the same 0.
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return similarities[a] > similarities[b]; });
  if (options_.top) order.resize(std::min(order.size(), *options_.top));
  std::vector<ScoredLabel> ranked;
  for (const auto index : order) {
    if (scores[index] < options_.threshold) break;
    ranked.push_back({labels_[index], scores[index], similarities[index]});
  }
  return ranked;
}

}  // namespace clipclap::classify
