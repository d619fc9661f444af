// A file that is being put together, checked while it grows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "hub/digest.h"
#include "hub/disk.h"
#include "hub/remote_file.h"
#include "hub/tick.h"

namespace clipclap::hub {

/// The beginning of a remote file on the disk; it stays there until it is moved or removed. The
/// caller holds the file's lock.
class PartFile {
 public:
  /// Takes over what an earlier download left; makes the folders above it. What is longer than the
  /// file is dropped. Throws Error (kIo).
  PartFile(const std::filesystem::path& path, const RemoteFile& file, const Tick& tick);

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  /// How much of it an earlier download left.
  std::uint64_t kept() const { return kept_; }
  /// All that was appended, with what was dropped again.
  std::uint64_t appended() const { return appended_; }
  bool is_complete() const { return size_ == file_.size; }

  /// Throws Error: kIo; kInvalidData for more bytes than the file has.
  void append(std::string_view bytes);
  /// Empties it.
  void restart();
  void remove();

  /// The digest of what is there, of the ETag's kind. Takes no more after it.
  std::string finish() { return digest_.finish(); }
  /// Waits until the disk has it. Throws Error (kIo).
  void flush();

 private:
  void read_what_is_there(const Tick& tick);

  const std::filesystem::path path_;
  const RemoteFile file_;
  const Descriptor descriptor_;
  Digest digest_;
  std::uint64_t size_ = 0;
  std::uint64_t kept_ = 0;
  std::uint64_t appended_ = 0;
};

}  // namespace clipclap::hub
