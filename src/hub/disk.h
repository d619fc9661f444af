// The file system's calls that a download makes, with errors that name file and remedy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace clipclap::hub {

/// Throws Error (kIo) with the system's reason and what to do about it.
[[noreturn]] void throw_disk_error(const std::filesystem::path& path, std::string_view action,
                                   int reason);

/// Closes itself.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

/// `path` is for messages.
void write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path);

/// A folder and those above it.
void create_folders(const std::filesystem::path& folder);

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Writes a small file so that its readers see all of it or the old one, by way of a temporary one
/// in `workshop`, a folder on the same file system.
void write_small_file(const std::filesystem::path& path, const std::filesystem::path& workshop,
                      std::string_view contents);

/// Throws Error (kIo) where the folder's file system has less than that many bytes left for us.
/// The folder need not be there yet.
void require_space(const std::filesystem::path& folder, std::uint64_t bytes);

}  // namespace clipclap::hub
