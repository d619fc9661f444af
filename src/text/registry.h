// How a component of a tokenizer.json is found by its "type".
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "text/json/json_node.h"

namespace clipclap::text {

/// A kind of component (normalizers, …) has one table of these; a new component is a new row.
template <typename Component>
struct Row {
  std::string_view type;
  std::unique_ptr<const Component> (*parse)(const JsonNode& node);
};

/// Builds the component that `node` describes. `kind` is the word for messages, e.g.
/// "normalizer". Throws Error: kUnsupported for a type that has no row, and what the row's function
/// throws.
template <typename Component>
std::unique_ptr<const Component> parse_component(std::string_view kind,
                                                 std::span<const Row<Component>> rows,
                                                 const JsonNode& node) {
  const std::string& type = node.at("type").string();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row<Component>& candidate) {
    return candidate.type == type;
  });
  if (row != rows.end()) {
    try {
      return row->parse(node);
    } catch (const Error& error) {
      // A regular expression does not know which file it comes from.
      if (!error.context().empty()) throw;
      node.fail(error.code(), error.message());
    }
  }
  std::string known;
  for (const auto& candidate : rows) {
    known += fmt::format("{}{}", known.empty() ? "" : ", ", candidate.type);
  }
  node.fail(ErrorCode::kUnsupported,
            fmt::format("{} type \"{}\" is not known; known are {}", kind, type, known));
}

}  // namespace clipclap::text
