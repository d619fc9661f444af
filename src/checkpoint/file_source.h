// What CheckpointFiles looks into: a folder or the program's own data.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"

namespace clipclap::checkpoint {

/// Named files whose bytes live as long as the object. Thread-safe.
class FileSource {
 public:
  explicit FileSource(std::string name, std::string remedy = {})
      : name_(std::move(name)), remedy_(std::move(remedy)) {}
  virtual ~FileSource() = default;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  const std::string& name() const { return name_; }
  /// What to advise where a file is missing; may be empty.
  const std::string& remedy() const { return remedy_; }

  virtual bool contains(std::string_view file) const = 0;
  /// Nothing where there is no such file. Throws Error (kIo).
  virtual std::optional<std::span<const std::byte>> find(std::string_view file) = 0;
  /// Sorted.
  virtual std::vector<std::string> list() const = 0;
  /// As MappedFile::let_go, for all files.
  virtual void let_go() {}

 private:
  const std::string name_;
  const std::string remedy_;
};

/// A folder's files, each mapped when it is first asked for.
class FolderSource : public FileSource {
 public:
  FolderSource(const std::filesystem::path& folder, std::string remedy)
      : FileSource(folder.string(), std::move(remedy)), folder_(folder) {}

  bool contains(std::string_view file) const override;
  std::optional<std::span<const std::byte>> find(std::string_view file) override;
  std::vector<std::string> list() const override;
  void let_go() override;

 private:
  const std::filesystem::path folder_;
  std::mutex mutex_;
  std::map<std::string, MappedFile, std::less<>> mapped_;
};

class EmbeddedSource : public FileSource {
 public:
  using Files = std::vector<std::pair<std::string, std::span<const std::byte>>>;
  EmbeddedSource(std::string name, const Files& files)
      : FileSource(std::move(name)), files_(files.begin(), files.end()) {}

  bool contains(std::string_view file) const override;
  std::optional<std::span<const std::byte>> find(std::string_view file) override;
  std::vector<std::string> list() const override;

 private:
  const std::map<std::string, std::span<const std::byte>, std::less<>> files_;
};

/// Whether a name stays inside its folder: relative, without ".." and not a folder's.
bool stays_inside(std::string_view file);

}  // namespace clipclap::checkpoint
