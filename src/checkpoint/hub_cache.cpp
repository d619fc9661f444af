#include "checkpoint/hub_cache.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/environment.h"
#include "base/file.h"

namespace clipclap::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 96;

// One side of "owner/name": word characters, and "-" and "." inside.
bool is_hub_name(std::string_view name) {
  return !name.empty() && is_ascii_word(name.front()) && is_ascii_word(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_ascii_word(c) || c == '-' || c == '.'; });
}

// What git allows in a ref, and nothing that could lead out of the cache.
bool is_revision(std::string_view revision) {
  return !revision.empty() && revision.front() != '/' && revision.front() != '-' &&
         revision.back() != '/' && revision.find("//") == std::string_view::npos &&
         revision.find("..") == std::string_view::npos &&
         std::all_of(revision.begin(), revision.end(), [](char c) {
           return is_ascii_word(c) || std::string_view("-./+=,%").find(c) != std::string_view::npos;
         });
}

std::optional<std::string> read_ref(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return std::nullopt;
  auto commit = read_file(file);
  while (!commit.empty() && (commit.back() == '\n' || commit.back() == '\r')) commit.pop_back();
  return commit;
}

std::optional<fs::path> snapshot_of(const fs::path& repository, const std::string& commit) {
  if (!std::all_of(commit.begin(), commit.end(), is_ascii_word) || commit.empty())
    return std::nullopt;
  auto folder = repository / "snapshots" / commit;
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return std::nullopt;
  return folder;
}

}  // namespace

std::optional<HubId> parse_hub_id(std::string_view text) {
  HubId id;
  const auto at = text.find('@');
  if (at != std::string_view::npos) {
    id.revision = text.substr(at + 1);
    if (!is_revision(id.revision)) return std::nullopt;
    text = text.substr(0, at);
  }
  id.repository = text;
  const auto slash = text.find('/');
  const auto name = slash == std::string_view::npos ? text : text.substr(slash + 1);
  if (slash != std::string_view::npos && !is_hub_name(text.substr(0, slash))) return std::nullopt;
  if (!is_hub_name(name) || name.size() > kLongestName) return std::nullopt;
  if (text.find("--") != std::string_view::npos || text.find("..") != std::string_view::npos ||
      text.ends_with(".git")) {
    return std::nullopt;
  }
  return id;
}

bool is_commit_hash(std::string_view text) {
  constexpr std::size_t kHashLength = 40;
  return text.size() == kHashLength && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::string fetch_command(const HubId& id) {
  const auto command = "clipclap model pull " + id.repository;
  return id.revision == "main" ? command : fmt::format("{} --revision {}", command, id.revision);
}

fs::path hub_home_folder() {
  if (const auto home = environment("HF_HOME"); !home.empty()) return expand_path(home);
  const auto xdg = environment("XDG_CACHE_HOME");
  return expand_path(xdg.empty() ? "~/.cache" : xdg) / "huggingface";
}

fs::path hub_cache_folder() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const auto folder = environment(name); !folder.empty()) return expand_path(folder);
  }
  return hub_home_folder() / "hub";
}

fs::path repository_folder(const fs::path& cache, const HubId& id) {
  std::string folder = "models--";
  for (const char c : id.repository) folder += c == '/' ? "--" : std::string(1, c);
  return cache / folder;
}

std::optional<fs::path> find_snapshot(const fs::path& cache, const HubId& id) {
  const auto repository = repository_folder(cache, id);
  const auto commit = read_ref(repository / "refs" / id.revision);
  return snapshot_of(repository, commit.value_or(id.revision));
}

std::vector<std::string> cached_revisions(const fs::path& cache, const HubId& id) {
  const auto repository = repository_folder(cache, id);
  const auto refs = repository / "refs";
  std::vector<std::string> revisions;
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(refs, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const auto commit = read_ref(entry->path());
    if (commit && snapshot_of(repository, *commit)) {
      revisions.push_back(entry->path().lexically_relative(refs).string());
    }
  }
  std::sort(revisions.begin(), revisions.end());
  return revisions;
}

}  // namespace clipclap::checkpoint
