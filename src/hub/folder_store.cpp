#include <algorithm>
#include <charconv>
#include <chrono>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

#include <clipclap/error.h>

#include "base/file.h"
#include "hub/disk.h"
#include "hub/part_file.h"
#include "hub/store.h"

namespace clipclap::hub {
namespace {

namespace fs = std::filesystem;

// What is known of a file from when it was downloaded.
struct Metadata {
  std::string commit;
  std::string etag;
};

double now_seconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

// When a regular file was written; nothing where there is none.
std::optional<double> time_of(const fs::path& path) {
  constexpr double kNanosecond = 1e-9;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<double>(status.st_mtim.tv_sec) +
         kNanosecond * static_cast<double>(status.st_mtim.tv_nsec);
}

// As Python's os.path.realpath: absolute, links followed, also where it is not there yet.
fs::path real_path(const fs::path& folder) {
  std::error_code failure;
  auto path = fs::absolute(folder, failure);
  if (!failure) path = fs::weakly_canonical(path, failure);
  if (failure) throw_disk_error(folder, "find the folder", failure.value());
  return path.has_filename() ? path : path.parent_path();
}

class FolderStore final : public Store {
 public:
  FolderStore(const fs::path& folder, const fs::path& cache, const checkpoint::HubId& id,
              const std::string& commit, const Tick& tick)
      : folder_(real_path(folder)),
        notes_(folder_ / ".cache" / "huggingface"),
        cached_(checkpoint::repository_folder(cache, id) / "snapshots" / commit),
        commit_(commit),
        tick_(tick) {
    std::error_code ignored;
    if (fs::exists(folder_, ignored) && !fs::is_directory(folder_, ignored)) {
      throw Error(ErrorCode::kInvalidArgument, "is not a folder; name one for --into",
                  folder.string());
    }
  }

  fs::path folder() const override { return folder_; }

  std::optional<std::uint64_t> find(const std::string& name) const override {
    const auto metadata = read_metadata(name);
    std::error_code failure;
    if (!metadata || metadata->commit != commit_) return std::nullopt;
    const auto size = fs::file_size(folder_ / name, failure);
    if (failure) return std::nullopt;
    return size;
  }

  std::uint64_t bytes_to_write(const RemoteFile& file) const override {
    std::error_code failure;
    if (fs::file_size(folder_ / file.name, failure) == file.size && !failure) return 0;
    const auto begun = fs::file_size(part_path(file), failure);
    return file.size - (failure ? 0 : std::min<std::uint64_t>(file.size, begun));
  }

  fs::path lock_path(const RemoteFile& file) const override { return note(file.name, ".lock"); }

  fs::path part_path(const RemoteFile& file) const override {
    const auto metadata = note(file.name, ".metadata");
    return metadata.parent_path() /
           fmt::format("{}.{}.incomplete", short_hash(metadata.filename().string()), file.etag);
  }

  bool adopt(const RemoteFile& file) override {
    if (!is_there(file) && !copy_from_cache(file)) return false;
    write_metadata(file);
    return true;
  }

  void put(const RemoteFile& file) override {
    move_part(file);
    write_metadata(file);
  }

  void finish() override {}

 private:
  fs::path note(const std::string& name, const char* suffix) const {
    return notes_ / "download" / (name + suffix);
  }

  // Nothing where there is none, it is broken, or the file was changed after it was written.
  std::optional<Metadata> read_metadata(const std::string& name) const {
    constexpr double kTolerance = 1;  // file systems keep times more or less exactly
    const auto path = note(name, ".metadata");
    const auto written = time_of(folder_ / name);
    if (!written || !time_of(path)) return std::nullopt;
    std::istringstream lines(read_file(path));
    Metadata metadata;
    std::string time;
    if (!std::getline(lines, metadata.commit) || !std::getline(lines, metadata.etag) ||
        !std::getline(lines, time)) {
      return std::nullopt;
    }
    double noted = 0;
    const auto result = std::from_chars(time.data(), time.data() + time.size(), noted);
    if (result.ec != std::errc() || *written - kTolerance > noted) return std::nullopt;
    return metadata;
  }

  void write_metadata(const RemoteFile& file) const {
    const auto path = note(file.name, ".metadata");
    create_folders(path.parent_path());
    keep_out_of_git();
    write_small_file(path, path.parent_path(),
                     fmt::format("{}\n{}\n{}\n", commit_, file.etag, now_seconds()));
  }

  void keep_out_of_git() const {
    const auto path = notes_ / ".gitignore";
    std::error_code ignored;
    if (!fs::exists(path, ignored)) write_small_file(path, notes_, "*");
  }

  // The file of this ETag lies in its place, whether it is noted or not.
  bool is_there(const RemoteFile& file) const {
    std::error_code failure;
    const auto path = folder_ / file.name;
    if (!fs::is_regular_file(path, failure)) return false;
    if (const auto metadata = read_metadata(file.name)) return metadata->etag == file.etag;
    if (fs::file_size(path, failure) != file.size || failure) return false;
    Digest digest(file);
    feed(path, [&](std::string_view bytes) { digest.update(bytes); });
    return digest.finish() == file.etag;
  }

  bool copy_from_cache(const RemoteFile& file) const {
    std::error_code failure;
    const auto path = cached_ / file.name;
    if (fs::file_size(path, failure) != file.size || failure) return false;
    PartFile part(part_path(file), file, tick_);
    part.restart();
    feed(path, [&](std::string_view bytes) { part.append(bytes); });
    if (part.finish() != file.etag) {
      part.remove();
      return false;
    }
    part.flush();
    move_part(file);
    return true;
  }

  void feed(const fs::path& path, const std::function<void(std::string_view)>& take) const {
    constexpr std::size_t kBlock = 1 << 20;
    const MappedFile file(path);
    const auto bytes = file.bytes();
    std::string_view left(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!left.empty()) {
      take(left.substr(0, kBlock));
      left.remove_prefix(std::min(left.size(), kBlock));
      tick_();
    }
  }

  void move_part(const RemoteFile& file) const {
    const auto path = folder_ / file.name;
    create_folders(path.parent_path());
    rename_file(part_path(file), path);
  }

  const fs::path folder_;
  const fs::path notes_;
  const fs::path cached_;
  const std::string commit_;
  const Tick tick_;
};

}  // namespace

std::unique_ptr<Store> make_folder_store(const fs::path& folder, const fs::path& cache,
                                         const checkpoint::HubId& id, const std::string& commit,
                                         const Tick& tick) {
  return std::make_unique<FolderStore>(folder, cache, id, commit, tick);
}

}  // namespace clipclap::hub
