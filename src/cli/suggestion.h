#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clipclap::cli {

/// `; did you mean "…"?` with the known word nearest to `word`, or nothing where none is near.
std::string suggest(std::string_view word, const std::vector<std::string>& known);

}  // namespace clipclap::cli
