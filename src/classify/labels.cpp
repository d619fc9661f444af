#include <cstddef>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/labels.h>

#include "base/utf8.h"
#include "classify/word_file.h"

namespace clipclap {
namespace {

constexpr std::string_view kPlaceholder = "{}";

// A label and where it stands, for messages: "line 3" of a file, "label 3" of a list.
using PlacedLabel = std::pair<std::string, std::string>;

std::vector<std::string> require_distinct(const std::vector<PlacedLabel>& placed,
                                          const std::string& origin) {
  std::unordered_map<std::string, std::string> first_place;
  std::vector<std::string> labels;
  for (const auto& [label, place] : placed) {
    const auto [earlier, is_new] = first_place.emplace(label, place);
    if (!is_new) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("{}: label \"{}\" is already at {}; give each label once", place,
                              label, earlier->second),
                  origin);
    }
    labels.push_back(label);
  }
  return labels;
}

std::vector<std::string> read_label_file(const std::string& path) {
  std::vector<PlacedLabel> placed;
  for (const auto& line : classify::read_word_lines(path)) {
    placed.emplace_back(line.text, fmt::format("line {}", line.number));
  }
  if (placed.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "holds no label; write one a line", path);
  }
  return require_distinct(placed, path);
}

// Splits at commas; a backslash keeps a comma or a backslash as it is.
std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == ',' || text[i + 1] == '\\');
    if (escaped) {
      parts.back() += text[++i];
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

void require_utf8(std::string_view text, std::string_view what) {
  if (find_invalid_utf8(text)) {
    throw Error(ErrorCode::kInvalidArgument, fmt::format("{} is not UTF-8", what));
  }
}

void validate_template(const std::string& text) {
  require_utf8(text, "a template");
  const auto place = text.find(kPlaceholder);
  if (place == std::string::npos || text.find(kPlaceholder, place + 1) != std::string::npos) {
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("template \"{}\" must hold {} once, where the label goes", text, kPlaceholder));
  }
}

}  // namespace

void LabelSet::validate() const {
  if (labels.empty()) throw Error(ErrorCode::kInvalidArgument, "no label is given");
  if (templates.empty()) throw Error(ErrorCode::kInvalidArgument, "no template is given");
  std::vector<PlacedLabel> placed;
  for (const auto& label : labels) {
    require_utf8(label, fmt::format("label {}", placed.size() + 1));
    if (classify::trim(label).empty()) {
      throw Error(ErrorCode::kInvalidArgument, fmt::format("label {} is empty", placed.size() + 1));
    }
    placed.emplace_back(label, fmt::format("label {}", placed.size() + 1));
  }
  require_distinct(placed, {});
  for (const auto& text : templates) validate_template(text);
}

std::vector<std::string> parse_labels(std::string_view text) {
  if (text.starts_with('@')) return read_label_file(std::string(text.substr(1)));
  LabelSet set;
  for (const auto& part : split_list(text)) set.labels.emplace_back(classify::trim(part));
  set.validate();
  return set.labels;
}

}  // namespace clipclap
