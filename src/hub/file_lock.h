// The lock that keeps two downloads of one file apart, in other programs as well.
#pragma once

#include <filesystem>

#include "hub/disk.h"
#include "hub/tick.h"

namespace clipclap::hub {

/// Held from construction to destruction: flock() on a file that stays there, as Python's filelock
/// takes it (filelock, _unix.py), so that huggingface_hub and clipclap wait for each other.
class FileLock {
 public:
  /// Makes the folders above it and waits as long as others hold it. Throws Error (kIo).
  FileLock(const std::filesystem::path& path, const Tick& tick);

 private:
  Descriptor file_;
};

}  // namespace clipclap::hub
