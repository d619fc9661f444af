// What the process's environment says, and paths as users write them.
#pragma once

#include <filesystem>
#include <string>

namespace clipclap {

/// The value of a variable; empty where it is not set, too.
std::string environment(const char* name);

/// Replaces a leading "~" by HOME.
std::string expand_home(const std::string& path);

/// Replaces a leading "~" and $VARIABLES as Python's os.path does: $NAME and ${NAME}, those that
/// are not set stay as they are.
std::filesystem::path expand_path(const std::string& path);

}  // namespace clipclap
