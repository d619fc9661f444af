// The local Hugging Face cache (huggingface_hub, constants.py and file_download.py), read only.
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

/// The one command that fetches a repository into the cache.
std::string fetch_command(const HubId& id);

/// HF_HUB_CACHE, else HUGGINGFACE_HUB_CACHE, else HF_HOME/hub, else
/// XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub. A leading "~" and $VARIABLES are
/// replaced; a variable that is empty counts as not set.
std::filesystem::path hub_cache_folder();

/// The folder of a repository's files; nothing where the cache lacks the revision.
std::optional<std::filesystem::path> find_snapshot(const std::filesystem::path& cache,
                                                   const HubId& id);

/// Branches and tags of a repository that the cache holds files of, sorted.
std::vector<std::string> cached_revisions(const std::filesystem::path& cache, const HubId& id);

/// Replaces a leading "~" by HOME.
std::string expand_home(const std::string& path);

}  // namespace clipclap::checkpoint
