// Where results go: a file that is written whole or not at all, or a pipe or device as it comes.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include <clipclap/export.h>

namespace clipclap {

/// An output that is open for writing from the start, so that what cannot be written is known
/// before the work. A regular file is written under a temporary name beside it and renamed by
/// commit(): until then, and without it, the old file stays. Symbolic links are followed to what
/// they name, and an old file's permissions are kept. Anything else (a pipe, a terminal,
/// /dev/null, /dev/stdout, "-" for standard output) is written directly.
class CLIPCLAP_API OutputFile {
 public:
  /// Throws Error (kIo) where the path cannot be written. Waits for a reader where it is a named
  /// pipe.
  explicit OutputFile(const std::string& path);
  /// Without commit() the temporary file is removed; what is not flushed is dropped.
  ~OutputFile();
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;

  /// Buffered. Every failure to write is thrown from the very call, none is kept in the stream's
  /// state: Error (kIo) with the system's reason, or Error (kCancelled) where the reader of a pipe
  /// has gone, which takes a process that ignores SIGPIPE.
  std::ostream& stream() noexcept;

  /// As it was given.
  const std::string& path() const noexcept;

  /// What stream() writes to, for those who go back in what they have written: use the one or the
  /// other. Stays this object's.
  int descriptor() const noexcept;

  /// Flushes and, for a regular file, puts it in place. Throws Error as stream() does.
  void commit();

  /// Removes the temporary file and nothing else. Unlike the rest it may be called from another
  /// thread while one still writes: for a process that has to end at once.
  void abandon() noexcept;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace clipclap
