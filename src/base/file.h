// Files as the library reads them: mapped or whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace clipclap {

/// A file mapped read-only into memory; the mapping lives as long as the object. Movable.
/// An empty file maps to an empty span.
class MappedFile {
 public:
  /// Throws Error (kNotFound, kIo) that names the file and the system's reason.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// Gives the memory of what was read back to the system. The bytes stay as they are: what is read
  /// again comes from the system's cache of files. Thread-safe.
  void let_go() const noexcept;

 private:
  std::span<const std::byte> bytes_;
};

/// The bytes of a whole file. Throws Error (kNotFound, kIo).
std::string read_file(const std::filesystem::path& path);

}  // namespace clipclap
