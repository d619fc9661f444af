#include <algorithm>
#include <cerrno>
#include <system_error>

#include <unistd.h>

#include <clipclap/error.h>

#include "base/file.h"
#include "hub/disk.h"
#include "hub/store.h"

namespace clipclap::hub {
namespace {

namespace fs = std::filesystem;

std::uint64_t size_or_zero(const fs::path& path) {
  std::error_code failure;
  const auto size = fs::file_size(path, failure);
  return failure ? 0 : size;
}

class CacheStore final : public Store {
 public:
  CacheStore(const fs::path& cache, const checkpoint::HubId& id, const std::string& commit)
      : repository_(checkpoint::repository_folder(cache, id)),
        locks_(cache / ".locks" / repository_.filename()),
        snapshot_(repository_ / "snapshots" / commit),
        revision_(id.revision),
        commit_(commit) {}

  fs::path folder() const override { return snapshot_; }

  std::optional<std::uint64_t> find(const std::string& name) const override {
    std::error_code failure;
    const auto size = fs::file_size(snapshot_ / name, failure);
    if (failure) return std::nullopt;
    return size;
  }

  std::uint64_t bytes_to_write(const RemoteFile& file) const override {
    if (size_or_zero(blob(file)) == file.size) return 0;
    return file.size - std::min(file.size, size_or_zero(part_path(file)));
  }

  fs::path lock_path(const RemoteFile& file) const override {
    return locks_ / (file.etag + ".lock");
  }

  fs::path part_path(const RemoteFile& file) const override {
    return repository_ / "blobs" / (file.etag + ".incomplete");
  }

  // What another revision of the repository has brought. A blob of another size is a broken one.
  bool adopt(const RemoteFile& file) override {
    std::error_code failure;
    if (fs::file_size(blob(file), failure) != file.size || failure) return false;
    link(file);
    return true;
  }

  void put(const RemoteFile& file) override {
    rename_file(part_path(file), blob(file));
    link(file);
  }

  void finish() override {
    if (revision_ == commit_) return;
    const auto ref = repository_ / "refs" / revision_;
    std::error_code ignored;
    if (fs::is_regular_file(ref, ignored) && read_file(ref) == commit_) return;
    create_folders(ref.parent_path());
    write_small_file(ref, repository_, commit_);
  }

 private:
  fs::path blob(const RemoteFile& file) const { return repository_ / "blobs" / file.etag; }

  void link(const RemoteFile& file) const {
    const auto pointer = snapshot_ / file.name;
    std::error_code ignored;
    if (fs::exists(pointer, ignored)) return;
    create_folders(pointer.parent_path());
    // Dangling, where its blob was removed.
    fs::remove(pointer, ignored);
    const auto target = blob(file).lexically_relative(pointer.parent_path());
    if (::symlink(target.c_str(), pointer.c_str()) == 0 || errno == EEXIST) return;
    if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS) {
      throw Error(ErrorCode::kIo,
                  "the cache's file system knows no symbolic links; pull plain files with --into, "
                  "or move the cache with HF_HUB_CACHE",
                  pointer.string());
    }
    throw_disk_error(pointer, "make the link", errno);
  }

  const fs::path repository_;
  const fs::path locks_;
  const fs::path snapshot_;
  const std::string revision_;
  const std::string commit_;
};

}  // namespace

std::unique_ptr<Store> make_cache_store(const fs::path& cache, const checkpoint::HubId& id,
                                        const std::string& commit) {
  return std::make_unique<CacheStore>(cache, id, commit);
}

}  // namespace clipclap::hub
