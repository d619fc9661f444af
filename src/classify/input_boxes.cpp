#include "classify/input_boxes.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"

namespace clipclap::classify {
namespace {

/// What a box may call the input.
std::unordered_set<std::string> names_of(const std::string& input) {
  return {"", input, input.substr(input.rfind('/') + 1)};
}

}  // namespace

InputBoxes::InputBoxes(std::shared_ptr<const std::vector<DetectedBox>> boxes)
    : boxes_(std::move(boxes)) {
  if (!boxes_) return;
  for (std::size_t i = 0; i < boxes_->size(); ++i) by_file_[(*boxes_)[i].file].push_back(i);
}

std::optional<std::vector<DetectedBox>> InputBoxes::of(const std::string& input) const {
  if (!boxes_) return std::nullopt;
  std::vector<std::size_t> numbers;
  for (const auto& name : names_of(input)) {
    const auto found = by_file_.find(name);
    if (found == by_file_.end()) continue;
    numbers.insert(numbers.end(), found->second.begin(), found->second.end());
  }
  std::sort(numbers.begin(), numbers.end());
  std::vector<DetectedBox> own;
  own.reserve(numbers.size());
  for (const auto number : numbers) own.push_back((*boxes_)[number]);
  return own;
}

void InputBoxes::warn_of_strangers(std::span<const std::string> inputs) const {
  std::unordered_set<std::string> known{""};
  for (const auto& input : inputs) known.merge(names_of(input));
  std::size_t count = 0;
  const std::string* example = nullptr;
  for (const auto& [file, numbers] : by_file_) {
    if (known.contains(file)) continue;
    count += numbers.size();
    if (example == nullptr || file < *example) example = &file;
  }
  if (example == nullptr) return;
  log_warning(fmt::format(
      "{} boxes are passed over: their files, such as {}, are no inputs as they are named here",
      count, *example));
}

}  // namespace clipclap::classify
