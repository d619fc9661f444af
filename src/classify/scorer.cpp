#include "classify/scorer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/split_with_sizes.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/zeros.h>

#include <clipclap/error.h>

#include "model/torch_guard.h"

namespace clipclap::classify {
namespace {

using Kind = model::ScoreRule::Kind;

bool is_positive(double value) { return value > 0 && std::isfinite(value); }

void require(bool holds, const char* otherwise) {
  if (!holds) throw Error(ErrorCode::kInvalidArgument, otherwise);
}

std::vector<std::int64_t> count_points(const Vocabulary& words) {
  std::vector<std::int64_t> counts;
  auto of_label = words.points_of_label.begin();
  for (const auto& unit : words.units) {
    const auto labels = static_cast<std::ptrdiff_t>(unit.labels.size());
    if (words.points_of_label.empty()) {
      counts.push_back(labels);
    } else {
      counts.push_back(std::accumulate(of_label, of_label + labels, std::int64_t{0}));
      of_label += labels;
    }
  }
  return counts;
}

}  // namespace

void validate(const ScoreOptions& options) {
  require(is_positive(options.temperature), "the temperature must be a number above 0");
  require(!options.logit_scale || is_positive(*options.logit_scale),
          "the logit scale must be a number above 0");
  require(options.threshold >= 0 && options.threshold <= 1,
          "the threshold must lie between 0 and 1");
  require(options.top != std::size_t{0}, "the number of best labels to keep must be above 0");
}

Scorer::Scorer(Vocabulary words, model::ScoreRule rule, const ScoreOptions& options)
    : words_(std::move(words)),
      rule_(rule),
      options_(options),
      points_of_unit_(count_points(words_)) {
  validate(options);
  if (options.logit_scale) rule_.logit_scale = *options.logit_scale;
  // Which rows stand in one product must not show in float's last digits, and how a processor adds
  // up depends on it.
  words_.points = model::with_torch("labels", [&] { return words_.points.to(at::kDouble); });
  if (words_.points_of_label.empty()) return;
  require(rule_.kind == Kind::kSoftmax,
          "the model scores every prompt by itself, so that sums of them are no probabilities; "
          "leave the sums to models with a softmax");
  model::with_torch("scores", [&] {
    const auto counts = at::tensor(words_.points_of_label);
    label_of_point_ = at::arange(counts.size(0)).repeat_interleave(counts);
    points_of_label_ = counts.to(at::kFloat);
  });
}

std::vector<std::vector<ScoredLabel>> Scorer::score(const at::Tensor& embeddings) const {
  return model::with_torch("scores", [&] {
    const auto measures = measure(embeddings, rule_.kind);
    const auto columns = measures.scores.size(1);
    const auto* similarities = measures.similarities.const_data_ptr<float>();
    const auto* scores = measures.scores.const_data_ptr<float>();
    std::vector<std::vector<ScoredLabel>> ranked(static_cast<std::size_t>(embeddings.size(0)));
    for (auto& row : ranked) {
      auto first = std::ptrdiff_t{0};
      for (const auto& unit : words_.units) {
        rank(unit, similarities + first, scores + first, row);
        first += static_cast<std::ptrdiff_t>(unit.labels.size());
      }
      similarities += columns;
      scores += columns;
    }
    return ranked;
  });
}

bool Scorer::agree(const at::Tensor& a, const at::Tensor& b, double lead) const {
  return model::with_torch("scores", [&] {
    const auto scores = measure(at::stack({a, b}), Kind::kSoftmax).scores;
    std::int64_t first = 0;
    for (const auto& unit : words_.units) {
      const auto count = static_cast<std::int64_t>(unit.labels.size());
      const auto of_unit = scores.narrow(1, std::exchange(first, first + count), count);
      if (count < 2) continue;
      const auto [best, order] = at::topk(of_unit, 2);
      const auto ahead = (best.select(1, 0) - best.select(1, 1)).min().item<double>();
      if (!order[0][0].equal(order[1][0]) || ahead < lead) return false;
    }
    return true;
  });
}

Scorer::Measures Scorer::measure(const at::Tensor& embeddings, Kind kind) const {
  const auto cosines = at::linear(embeddings.to(at::kDouble), words_.points).to(at::kFloat);
  const auto logits = (cosines * rule_.logit_scale + rule_.logit_bias) / options_.temperature;
  const auto scores = kind == Kind::kSigmoid ? at::sigmoid(logits) : softmax_of_units(logits);
  if (!sums_points()) return {cosines, scores.contiguous()};
  return {sum_of_points(cosines) / points_of_label_, sum_of_points(scores).clamp_max(1)};
}

at::Tensor Scorer::softmax_of_units(const at::Tensor& logits) const {
  if (points_of_unit_.size() == 1) return at::softmax(logits, -1);
  auto units = at::split_with_sizes(logits, points_of_unit_, 1);
  for (auto& unit : units) unit = at::softmax(unit, -1);
  return at::cat(units, 1);
}

at::Tensor Scorer::sum_of_points(const at::Tensor& values) const {
  return at::zeros({values.size(0), points_of_label_.size(0)})
      .index_add_(1, label_of_point_, values);
}

void Scorer::rank(const VocabularyUnit& unit, const float* similarities, const float* scores,
                  std::vector<ScoredLabel>& ranked) const {
  std::vector<std::size_t> order(unit.labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // By cosine: scores of labels that are far behind underflow to the same 0.
  const auto* keys = sums_points() ? scores : similarities;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return keys[a] > keys[b]; });
  if (options_.top) order.resize(std::min(order.size(), *options_.top));
  for (const auto index : order) {
    if (scores[index] < options_.threshold) break;
    ranked.push_back({unit.labels[index], scores[index], similarities[index], unit.name});
  }
}

}  // namespace clipclap::classify
