#include "checkpoint/hub_cache.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "base/file.h"

namespace clipclap::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 96;

// The C library's isalnum obeys the locale.
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// One side of "owner/name": word characters, and "-" and "." inside.
bool is_hub_name(std::string_view name) {
  return !name.empty() && is_word(name.front()) && is_word(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

// What git allows in a ref, and nothing that could lead out of the cache.
bool is_revision(std::string_view revision) {
  return !revision.empty() && revision.front() != '/' && revision.front() != '-' &&
         revision.find("..") == std::string_view::npos &&
         std::all_of(revision.begin(), revision.end(), [](char c) {
           return is_word(c) || std::string_view("-./+=,%").find(c) != std::string_view::npos;
         });
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string home_folder() {
  if (auto home = environment("HOME"); !home.empty()) return home;
  const passwd* user = ::getpwuid(::getuid());
  return user == nullptr ? std::string() : std::string(user->pw_dir);
}

// Python's os.path.expandvars: $NAME and ${NAME}; those that are not set stay as they are.
std::string expand_variables(const std::string& text) {
  std::string result;
  std::size_t offset = 0;
  while (offset < text.size()) {
    const bool braced = text.compare(offset, 2, "${") == 0;
    const std::size_t start = offset + (braced ? 2 : 1);
    std::size_t end = start;
    if (text[offset] == '$') {
      while (end < text.size() && (braced ? text[end] != '}' : is_word(text[end]))) ++end;
    }
    const bool complete = end > start && (!braced || end < text.size());
    const char* value = complete ? std::getenv(text.substr(start, end - start).c_str()) : nullptr;
    if (value == nullptr) {
      result += text[offset++];
      continue;
    }
    result += value;
    offset = end + (braced ? 1 : 0);
  }
  return result;
}

fs::path expanded(const std::string& path) { return expand_variables(expand_home(path)); }

fs::path repository_folder(const fs::path& cache, const HubId& id) {
  std::string folder = "models--";
  for (const char c : id.repository) folder += c == '/' ? "--" : std::string(1, c);
  return cache / folder;
}

std::optional<std::string> read_ref(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return std::nullopt;
  auto commit = read_file(file);
  while (!commit.empty() && (commit.back() == '\n' || commit.back() == '\r')) commit.pop_back();
  return commit;
}

std::optional<fs::path> snapshot_of(const fs::path& repository, const std::string& commit) {
  if (!std::all_of(commit.begin(), commit.end(), is_word) || commit.empty()) return std::nullopt;
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

std::string fetch_command(const HubId& id) {
  return id.revision == "main"
             ? fmt::format("hf download {}", id.repository)
             : fmt::format("hf download {} --revision {}", id.repository, id.revision);
}

std::string expand_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const auto home = home_folder();
  return home.empty() ? path : home + path.substr(1);
}

fs::path hub_cache_folder() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const auto folder = environment(name); !folder.empty()) return expanded(folder);
  }
  if (const auto home = environment("HF_HOME"); !home.empty()) return expanded(home) / "hub";
  const auto xdg = environment("XDG_CACHE_HOME");
  return expanded(xdg.empty() ? "~/.cache" : xdg) / "huggingface" / "hub";
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
