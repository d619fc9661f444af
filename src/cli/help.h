// --help, from the tree of commands and options.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace clipclap::cli {

/// The whole help of a command, 80 columns wide.
std::string full_help(const CLI::App& command);

/// Usage and commands, for whoever called the program without one.
std::string short_help(const CLI::App& command);

}  // namespace clipclap::cli
