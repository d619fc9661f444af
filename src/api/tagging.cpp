#include <utility>

#include <clipclap/tagging.h>

#include "classify/prompts.h"
#include "classify/scorer.h"
#include "classify/window_encoder.h"
#include "model/dual_encoder.h"

namespace clipclap {
namespace {

classify::Scorer make_scorer(const Model& model, const LabelSet& labels,
                             const ScoreOptions& options) {
  labels.validate();
  return {labels.labels, classify::embed_labels(model.encoder(), labels), model.encoder().score,
          options};
}

}  // namespace

struct Tagger::Implementation {
  Model model;
  classify::Scorer scorer;
};

Tagger::Tagger(Model model, const LabelSet& labels, const ScoreOptions& options) {
  auto scorer = make_scorer(model, labels, options);
  implementation_ =
      std::make_unique<Implementation>(Implementation{std::move(model), std::move(scorer)});
}

Tagger::~Tagger() = default;
Tagger::Tagger(Tagger&&) noexcept = default;
Tagger& Tagger::operator=(Tagger&&) noexcept = default;

void Tagger::tag(const std::string& input, const RunOptions& options,
                 const std::function<void(const TagRecord&)>& sink) const {
  classify::encode_windows(implementation_->model.encoder(), input, options,
                           [&](const classify::EncodedBatch& batch) {
                             auto labels = implementation_->scorer.score(batch.embeddings);
                             for (std::size_t i = 0; i < labels.size(); ++i) {
                               sink({batch.windows[i], std::move(labels[i])});
                             }
                           });
}

std::vector<ScoredLabel> Tagger::tag(const Picture& picture) const {
  const auto embedding =
      model::embed_pictures(implementation_->model.encoder(), std::span(&picture, 1));
  return implementation_->scorer.score(embedding).front();
}

void embed(const Model& model, const std::string& input, const RunOptions& options,
           const std::function<void(const EmbedRecord&)>& sink) {
  classify::encode_windows(model.encoder(), input, options,
                           [&](const classify::EncodedBatch& batch) {
                             const auto dimension = batch.embeddings.size(1);
                             const auto* row = batch.embeddings.const_data_ptr<float>();
                             for (const auto& window : batch.windows) {
                               sink({window, std::vector<float>(row, row + dimension)});
                               row += dimension;
                             }
                           });
}

}  // namespace clipclap
