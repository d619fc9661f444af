#include "checkpoint/file_source.h"

#include <algorithm>
#include <system_error>

namespace clipclap::checkpoint {

namespace fs = std::filesystem;

bool stays_inside(std::string_view file) {
  if (file.find('\0') != std::string_view::npos) return false;
  const fs::path path(file);
  return path.is_relative() && path.has_filename() &&
         std::none_of(path.begin(), path.end(),
                      [](const fs::path& part) { return part == ".." || part == "."; });
}

bool FolderSource::contains(std::string_view file) const {
  std::error_code ignored;
  return stays_inside(file) && fs::is_regular_file(folder_ / file, ignored);
}

std::optional<std::span<const std::byte>> FolderSource::find(std::string_view file) {
  if (!contains(file)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  auto found = mapped_.find(file);
  if (found == mapped_.end()) {
    found = mapped_.emplace(std::string(file), MappedFile(folder_ / file)).first;
  }
  return found->second.bytes();
}

std::vector<std::string> FolderSource::list() const {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator entry(folder_, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void FolderSource::let_go() {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, file] : mapped_) file.let_go();
}

bool EmbeddedSource::contains(std::string_view file) const {
  return files_.find(file) != files_.end();
}

std::optional<std::span<const std::byte>> EmbeddedSource::find(std::string_view file) {
  const auto found = files_.find(file);
  if (found == files_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> EmbeddedSource::list() const {
  std::vector<std::string> names;
  names.reserve(files_.size());
  for (const auto& [file, bytes] : files_) names.push_back(file);
  return names;
}

}  // namespace clipclap::checkpoint
