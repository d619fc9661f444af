#include "checkpoint/checkpoint_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/environment.h"
#include "checkpoint/file_source.h"
#include "checkpoint/hub_cache.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamesInMessage = 12;

bool looks_like_path(const std::string& model) {
  return model == "." || model == ".." || model == "~" || model.starts_with('/') ||
         model.starts_with("./") || model.starts_with("../") || model.starts_with("~/");
}

fs::file_type type_of(const std::string& path, const std::string& model) {
  std::error_code failure;
  const auto type = fs::status(path, failure).type();
  if (type == fs::file_type::none) {
    throw Error(ErrorCode::kIo, "cannot look for the folder: " + failure.message(), model);
  }
  return type;
}

std::string describe_contents(const std::vector<std::string>& names) {
  if (names.empty()) return "it is empty";
  std::string text = "it holds: ";
  for (std::size_t i = 0; i < std::min(names.size(), kNamesInMessage); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kNamesInMessage) {
    text += fmt::format(" and {} more", names.size() - kNamesInMessage);
  }
  return text;
}

[[noreturn]] void throw_not_cached(const std::string& model, const HubId& id,
                                   const fs::path& cache) {
  std::string cached;
  for (const auto& revision : cached_revisions(cache, id)) {
    cached += (cached.empty() ? " (only at revision " : ", ") + revision;
  }
  if (!cached.empty()) cached += ')';
  throw Error(ErrorCode::kNotFound,
              fmt::format("there is no such folder, and the Hugging Face cache {} does not hold {} "
                          "at revision {}{}; fetch it with: {}",
                          cache.string(), id.repository, id.revision, cached, fetch_command(id)),
              model);
}

std::shared_ptr<FileSource> open_cached(const std::string& model, const HubId& id) {
  const auto cache = hub_cache_folder();
  const auto snapshot = find_snapshot(cache, id);
  if (!snapshot) throw_not_cached(model, id, cache);
  return std::make_shared<FolderSource>(*snapshot,
                                        "fetch what is missing with: " + fetch_command(id));
}

}  // namespace

CheckpointFiles CheckpointFiles::open(const std::string& model) {
  if (model.empty()) throw Error(ErrorCode::kInvalidArgument, "the model's name is empty");
  const auto path = expand_home(model);
  const auto type = type_of(path, model);
  if (type == fs::file_type::directory) {
    return CheckpointFiles(std::make_shared<FolderSource>(path, ""));
  }
  if (type != fs::file_type::not_found) {
    const auto file = fs::path(path);
    const auto folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    return CheckpointFiles(std::make_shared<FolderSource>(folder, ""), file.filename().string());
  }
  if (looks_like_path(model)) {
    throw Error(ErrorCode::kNotFound, "there is no such folder", model);
  }
  if (const auto id = parse_hub_id(model)) return CheckpointFiles(open_cached(model, *id));
  throw Error(ErrorCode::kNotFound,
              "there is no such folder, and it cannot be a hub id, which looks like owner/name or "
              "owner/name@revision",
              model);
}

CheckpointFiles CheckpointFiles::embedded(
    std::string name,
    const std::vector<std::pair<std::string, std::span<const std::byte>>>& files) {
  return CheckpointFiles(std::make_shared<EmbeddedSource>(std::move(name), files));
}

CheckpointFiles::CheckpointFiles(std::shared_ptr<FileSource> source, std::string main_file)
    : source_(std::move(source)), main_file_(std::move(main_file)) {}

const std::string& CheckpointFiles::name() const { return source_->name(); }

std::string CheckpointFiles::describe(std::string_view file) const {
  return (fs::path(name()) / file).string();
}

bool CheckpointFiles::contains(std::string_view file) const { return source_->contains(file); }

std::span<const std::byte> CheckpointFiles::bytes(std::string_view file) const {
  if (const auto found = source_->find(file)) return *found;
  const auto& remedy = source_->remedy();
  throw Error(ErrorCode::kNotFound,
              fmt::format("{} is not in the folder; {}{}", quote(file),
                          describe_contents(source_->list()), remedy.empty() ? "" : "; " + remedy),
              name());
}

void CheckpointFiles::let_go() const { source_->let_go(); }

std::string_view CheckpointFiles::text(std::string_view file) const {
  const auto found = bytes(file);
  return {reinterpret_cast<const char*>(found.data()), found.size()};
}

}  // namespace clipclap::checkpoint
