// From argv to what the option parser may safely have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace clipclap::cli {

/// The arguments with every option's name and value apart and every value shielded (see
/// unshield()): CLI11 gives a meaning to values such as "[1].mp4", "", "++", or "-x" behind "--",
/// and no file name, label or template may be changed by that. Throws Failure (kUsage) for commands
/// and options that do not exist, values that are missing and flags that were given one.
std::vector<std::string> shield_arguments(const CLI::App& program,
                                          const std::vector<std::string>& arguments);

/// A value as the user wrote it.
std::string unshield(std::string_view value);

/// "clipclap tag" for the command `tag`.
std::string command_path(const CLI::App& command);

/// Ends the program with a usage error of a command.
[[noreturn]] void throw_usage(const CLI::App& command, std::string_view message);

}  // namespace clipclap::cli
