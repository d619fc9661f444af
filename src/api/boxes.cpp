#include <algorithm>
#include <iterator>
#include <unordered_set>

#include <clipclap/boxes.h>

#include "base/utf8.h"
#include "text/unicode/code_points.h"
#include "text/unicode/properties.h"

namespace clipclap {
namespace {

std::string to_lower(const std::string& text) {
  std::string lower;
  text::for_each_code_point(text, [&](char32_t c, std::size_t, std::size_t) {
    const auto mapped = text::to_lowercase(c);
    append_utf8(lower, mapped.first);
    if (mapped.second != 0) append_utf8(lower, mapped.second);
  });
  return lower;
}

}  // namespace

std::vector<DetectedBox> choose_boxes(std::span<const DetectedBox> boxes,
                                      std::span<const std::string> labels) {
  std::unordered_set<std::string> wanted;
  for (const auto& label : labels) wanted.insert(to_lower(label));
  std::vector<DetectedBox> chosen;
  std::copy_if(boxes.begin(), boxes.end(), std::back_inserter(chosen), [&](const DetectedBox& box) {
    return wanted.contains("*") || wanted.contains(to_lower(box.label));
  });
  return chosen;
}

}  // namespace clipclap
