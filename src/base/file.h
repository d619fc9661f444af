// Files as the library reads and writes them: mapped, or whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
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

 private:
  std::span<const std::byte> bytes_;
};

/// The bytes of a whole file. Throws Error (kNotFound, kIo).
std::string read_file(const std::filesystem::path& path);

/// Writes a file whole or not at all: into a temporary name beside it, renamed by `commit()`.
/// Without `commit()` the destructor removes what was written and the old file stays.
class AtomicFile {
 public:
  /// Throws Error (kIo) at once where the path cannot be written.
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  std::ostream& stream() noexcept { return stream_; }

  /// Flushes, checks and renames. Throws Error (kIo) where the disk is full or the rename fails.
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::ofstream stream_;
  bool committed_ = false;
};

}  // namespace clipclap
