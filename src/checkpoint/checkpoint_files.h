// Where a checkpoint's files come from: a folder, the local Hugging Face cache, or the program.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clipclap::checkpoint {

class FileSource;

/// A set of named files, mapped, not copied. Bytes live as long as any copy of the object.
/// Immutable: any thread may call any function.
class CheckpointFiles {
 public:
  /// `model` is a folder, a file (the folder around it then, `main_file` its name), or a hub id
  /// such as "openai/clip-vit-base-patch32" ("@revision" may follow: a branch, a tag or a full
  /// commit hash) that is looked up in the local Hugging Face cache and nowhere else (hub_cache.h).
  /// What exists wins over a hub id of the same name, and a leading "~/" is the home folder. Throws
  /// Error: kNotFound, for a hub id with the one command that fetches it; kInvalidArgument for a
  /// name that is empty; kIo where the system refuses to look.
  static CheckpointFiles open(const std::string& model);

  /// Files that are part of the program; the bytes must outlive every copy.
  static CheckpointFiles embedded(
      std::string name,
      const std::vector<std::pair<std::string, std::span<const std::byte>>>& files);

  /// How messages name the checkpoint: the folder, or the embedded name.
  const std::string& name() const;
  /// The file that was named; empty where a folder was.
  const std::string& main_file() const { return main_file_; }
  /// How messages name one of its files.
  std::string describe(std::string_view file) const;

  /// `file` is a name, or a relative path below the folder; nothing outside is ever found.
  bool contains(std::string_view file) const;
  /// Throws Error: kNotFound, which names the file and what the folder holds instead; kIo.
  std::span<const std::byte> bytes(std::string_view file) const;
  std::string_view text(std::string_view file) const;

  /// Gives the memory of what was read back to the system; bytes stay as they are, and are read
  /// again where they are used again.
  void let_go() const;

 private:
  explicit CheckpointFiles(std::shared_ptr<FileSource> source, std::string main_file = {});
  std::shared_ptr<FileSource> source_;
  std::string main_file_;
};

}  // namespace clipclap::checkpoint
