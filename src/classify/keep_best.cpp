#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <clipclap/tagging.h>

namespace clipclap {

void keep_best(std::vector<ScoredLabel>& labels, const ScoreOptions& options) {
  std::size_t kept = 0;
  std::size_t rank = 0;
  std::string unit;
  for (auto& label : labels) {
    if (label.unit != unit) rank = 0;
    unit = label.unit;
    const bool is_among_best = !options.top || rank < *options.top;
    ++rank;
    if (!is_among_best || label.score < options.threshold) continue;
    if (&labels[kept] != &label) labels[kept] = std::move(label);
    ++kept;
  }
  labels.resize(kept);
}

}  // namespace clipclap
