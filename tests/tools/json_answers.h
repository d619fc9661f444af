// How the probes answer: a line of JSON for each argument.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/json.h"

namespace clipclap {

/// Prints {"value": …}, or {"error": {…}} for an Error.
inline void print_answers(const std::vector<std::string>& arguments,
                          const std::function<Json(const std::string&)>& read) {
  for (const auto& argument : arguments) {
    Json line;
    try {
      line["value"] = read(argument);
    } catch (const Error& error) {
      line["error"] = {{"code", to_string(error.code())},
                       {"message", error.message()},
                       {"context", error.context()}};
    }
    // Names from hostile files need not be UTF-8.
    fmt::print("{}\n", line.dump(-1, ' ', true, Json::error_handler_t::replace));
  }
}

}  // namespace clipclap
