// Where pulled files go: the Hugging Face cache, or a folder of plain files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "checkpoint/hub_cache.h"
#include "hub/remote_file.h"
#include "hub/tick.h"

namespace clipclap::hub {

/// One commit's files on the disk, laid out as huggingface_hub lays them out. Every function may
/// throw Error (kIo).
class Store {
 public:
  virtual ~Store() = default;

  /// The folder that holds the files.
  virtual std::filesystem::path folder() const = 0;

  /// The size of a file that is there for this commit, so that the hub need not be asked about it.
  virtual std::optional<std::uint64_t> find(const std::string& name) const = 0;

  /// What put() and adopt() will take of the disk, as far as it can be told before.
  virtual std::uint64_t bytes_to_write(const RemoteFile& file) const = 0;

  /// Held while a file is adopted, fetched and put.
  virtual std::filesystem::path lock_path(const RemoteFile& file) const = 0;
  /// Where it is put together: what is there is the beginning of a download.
  virtual std::filesystem::path part_path(const RemoteFile& file) const = 0;

  /// Puts the file in its place from what is on the disk; false where it has to be fetched.
  virtual bool adopt(const RemoteFile& file) = 0;
  /// Moves the complete, checked part to its place.
  virtual void put(const RemoteFile& file) = 0;

  /// After the last file.
  virtual void finish() = 0;
};

/// models--owner--name/{blobs,refs,snapshots} in a cache folder (huggingface_hub, file_download.py,
/// _hf_hub_download_to_cache_dir). The ref is written last: until then the old revision stays
/// what the name stands for.
std::unique_ptr<Store> make_cache_store(const std::filesystem::path& cache,
                                        const checkpoint::HubId& id, const std::string& commit);

/// Plain files, with what is known of them in .cache/huggingface/download (huggingface_hub,
/// file_download.py, _hf_hub_download_to_local_dir). Takes over what the cache holds.
std::unique_ptr<Store> make_folder_store(const std::filesystem::path& folder,
                                         const std::filesystem::path& cache,
                                         const checkpoint::HubId& id, const std::string& commit,
                                         const Tick& tick);

}  // namespace clipclap::hub
