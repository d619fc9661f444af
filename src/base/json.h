// JSON files with errors that name the file, the place and the remedy.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace clipclap {

using Json = nlohmann::json;

/// Parses a document. `origin` is the file's name for messages. Throws Error (kInvalidData) with
/// the line and column of what is wrong, and for documents nested deeper than 256.
Json parse_json(std::string_view text, const std::string& origin);

}  // namespace clipclap
