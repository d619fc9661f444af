// Checkpoints from the Hugging Face hub: the only part of clipclap that uses the network for them,
// and only when it is called.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <clipclap/export.h>

namespace clipclap {

/// How far a pull has come.
struct PullProgress {
  std::string file{};               ///< the one that is being fetched
  std::size_t file_number = 0;      ///< counted from 1, of those that have to be fetched
  std::size_t file_count = 0;       ///< those that have to be fetched
  std::uint64_t bytes_done = 0;     ///< of all needed files, with what was there before
  std::uint64_t bytes_total = 0;    ///< of all needed files
  std::uint64_t bytes_fetched = 0;  ///< over the network, by this call
};

struct PullOptions {
  /// "openai/clip-vit-base-patch32"; "@revision" may follow.
  std::string id{};
  /// A branch, a tag or a commit; empty: what stands behind the id, else "main".
  std::string revision{};
  /// A folder for plain files, laid out as `hf download --local-dir` does; empty: the local Hugging
  /// Face cache.
  std::string into{};
  /// Names of weights to fetch instead of those that are chosen by themselves (model.safetensors
  /// first; docs/decisions/what-pull-fetches.md).
  std::vector<std::string> weights{};
  int retries = 5;                 ///< of a request, or of a file that brings nothing new any more
  double first_pause_seconds = 1;  ///< before a retry; each further one is twice as long, up to 8 s
  /// Called about ten times a second while something goes on, from the calling thread.
  std::function<void(const PullProgress&)> on_progress{};
  const std::atomic<bool>* stop = nullptr;  ///< looked at as often: kCancelled
};

struct PulledFile {
  std::string name;
  std::uint64_t size = 0;
  bool fetched = false;  ///< over the network; the others were there
};

struct PulledModel {
  std::string folder;  ///< that holds the files; to be given as ModelOptions::model
  std::string commit;
  std::vector<PulledFile> files;
};

/// Fetches the files of a repository that clipclap needs, each checked against the hub's own size
/// and SHA-256 (or git's SHA-1) before it appears, and leaves alone what is there already. Obeys
/// HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE,
/// HF_HUB_DOWNLOAD_TIMEOUT, HF_HUB_ETAG_TIMEOUT and curl's proxy variables as huggingface_hub does.
/// What a broken or cancelled pull has fetched is kept, and the next one goes on from there. Any
/// number of processes and threads may pull at once.
/// Throws Error: kInvalidArgument for ids and names that cannot be; kNotFound for a repository or
/// revision that is not there; kIo for what the network, the hub or the disk refuses; kInvalidData
/// for bytes that are not what the hub says; kCancelled.
CLIPCLAP_API PulledModel pull_model(const PullOptions& options);

/// "605 MB", "1.7 GB": in powers of 1000, as the hub shows sizes.
CLIPCLAP_API std::string format_size(std::uint64_t bytes);

}  // namespace clipclap
