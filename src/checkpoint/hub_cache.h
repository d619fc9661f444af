// Where the local Hugging Face cache is and what lies in it (huggingface_hub, constants.py and
// file_download.py). Read only: src/hub writes it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipclap::checkpoint {

/// A repository of the hub at one revision.
struct HubId {
  std::string repository;         ///< "openai/clip-vit-base-patch32", or "gpt2"
  std::string revision = "main";  ///< a branch, a tag or a full commit hash
};

/// Reads "owner/name" or "name", with "@revision" behind it where one is meant. Nothing where the
/// text cannot be a hub id (huggingface_hub's validate_repo_id; ASCII only).
std::optional<HubId> parse_hub_id(std::string_view text);

/// Whether a revision is a full commit hash as the hub writes it: 40 small hexadecimal digits.
bool is_commit_hash(std::string_view text);

/// The one command that fetches a repository into the cache.
std::string fetch_command(const HubId& id);

/// HF_HOME, else XDG_CACHE_HOME/huggingface, else ~/.cache/huggingface. A leading "~" and
/// $VARIABLES are replaced; a variable that is empty counts as not set.
std::filesystem::path hub_home_folder();

/// HF_HUB_CACHE, else HUGGINGFACE_HUB_CACHE, else hub_home_folder()/hub.
std::filesystem::path hub_cache_folder();

/// cache/models--owner--name
std::filesystem::path repository_folder(const std::filesystem::path& cache, const HubId& id);

/// The folder of a repository's files; nothing where the cache lacks the revision.
std::optional<std::filesystem::path> find_snapshot(const std::filesystem::path& cache,
                                                   const HubId& id);

/// Branches and tags of a repository that the cache holds files of, sorted.
std::vector<std::string> cached_revisions(const std::filesystem::path& cache, const HubId& id);

}  // namespace clipclap::checkpoint
