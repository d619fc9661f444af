#include "classify/prompts.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ops/stack.h>

#include "model/torch_guard.h"

namespace clipclap::classify {
namespace {

std::string fill(std::string text, const std::string& label) {
  constexpr std::string_view kPlaceholder = "{}";
  return text.replace(text.find(kPlaceholder), kPlaceholder.size(), label);
}

// The normalised mean of each label's rows, `counts` of them, one label's behind the other's.
at::Tensor average(const at::Tensor& rows, const std::vector<std::int64_t>& counts) {
  return model::with_torch("label embeddings", [&] {
    std::vector<at::Tensor> means;
    means.reserve(counts.size());
    std::int64_t first = 0;
    for (const auto count : counts) {
      means.push_back(rows.narrow(0, std::exchange(first, first + count), count).mean(0));
    }
    return model::normalize_rows(at::stack(means));
  });
}

}  // namespace

Vocabulary embed_labels(const model::DualEncoder& encoder, const LabelSet& labels) {
  std::vector<std::string> prompts;
  for (const auto& label : labels.labels) {
    for (const auto& text : labels.templates) prompts.push_back(fill(text, label));
  }
  auto rows = model::embed_texts(encoder, prompts);
  if (labels.templates.size() > 1) {
    const auto count = static_cast<std::int64_t>(labels.templates.size());
    rows = average(rows, std::vector(labels.labels.size(), count));
  }
  return {{{"", labels.labels}}, std::move(rows)};
}

Vocabulary embed_categories(const model::DualEncoder& encoder, const CategorySet& set) {
  Vocabulary vocabulary;
  std::vector<std::string> prompts;
  std::vector<std::int64_t> counts;
  for (const auto& unit : set.units) {
    auto& names = vocabulary.units.emplace_back(VocabularyUnit{unit.name, {}}).labels;
    for (const auto& category : unit.categories) {
      names.push_back(category.name);
      prompts.insert(prompts.end(), category.prompts.begin(), category.prompts.end());
      counts.push_back(static_cast<std::int64_t>(category.prompts.size()));
    }
  }
  vocabulary.points = model::embed_texts(encoder, prompts);
  if (set.sums_prompts) {
    vocabulary.points_of_label = std::move(counts);
  } else {
    vocabulary.points = average(vocabulary.points, counts);
  }
  return vocabulary;
}

Vocabulary embed_words(const model::DualEncoder& encoder, const LabelSet& labels,
                       const CategorySet& categories) {
  if (categories.empty()) {
    labels.validate();
    return embed_labels(encoder, labels);
  }
  categories.validate();
  return embed_categories(encoder, categories);
}

}  // namespace clipclap::classify
