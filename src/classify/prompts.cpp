#include "classify/prompts.h"

#include <string>
#include <vector>

#include "model/torch_guard.h"

namespace clipclap::classify {
namespace {

std::string fill(std::string text, const std::string& label) {
  constexpr std::string_view kPlaceholder = "{}";
  return text.replace(text.find(kPlaceholder), kPlaceholder.size(), label);
}

}  // namespace

at::Tensor embed_labels(const model::DualEncoder& encoder, const LabelSet& labels) {
  std::vector<std::string> prompts;
  for (const auto& label : labels.labels) {
    for (const auto& text : labels.templates) prompts.push_back(fill(text, label));
  }
  auto rows = model::embed_texts(encoder, prompts);
  if (labels.templates.size() == 1) return rows;
  return model::with_torch("label embeddings", [&] {
    const auto label_count = static_cast<std::int64_t>(labels.labels.size());
    return model::normalize_rows(rows.view({label_count, -1, rows.size(1)}).mean(1));
  });
}

}  // namespace clipclap::classify
