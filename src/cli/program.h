#pragma once

#include <string>
#include <vector>

namespace clipclap::cli {

/// Runs `clipclap` with these arguments (without the program's own name) and gives the exit code.
/// Throws nothing: every failure is a line on stderr. Once per process.
int run_program(const std::vector<std::string>& arguments);

}  // namespace clipclap::cli
