#include "hub/part_file.h"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clipclap/error.h>

namespace clipclap::hub {
namespace {

namespace fs = std::filesystem;

int open_part(const fs::path& path) {
  create_folders(path.parent_path());
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) throw_disk_error(path, "write", errno);
  return descriptor;
}

}  // namespace

PartFile::PartFile(const fs::path& path, const RemoteFile& file, const Tick& tick)
    : path_(path), file_(file), descriptor_(open_part(path)), digest_(file) {
  struct stat status {};
  if (::fstat(descriptor_.get(), &status) != 0) throw_disk_error(path_, "look at", errno);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorCode::kIo, "is not a regular file; remove it and pull again", path_.string());
  }
  if (static_cast<std::uint64_t>(status.st_size) > file_.size) {
    restart();
  } else {
    read_what_is_there(tick);
  }
  kept_ = size_;
}

void PartFile::read_what_is_there(const Tick& tick) {
  std::string block(1 << 20, '\0');
  while (true) {
    const ssize_t count = ::read(descriptor_.get(), block.data(), block.size());
    if (count == 0) return;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_disk_error(path_, "read", errno);
    digest_.update(std::string_view(block).substr(0, static_cast<std::size_t>(count)));
    size_ += static_cast<std::uint64_t>(count);
    tick();
  }
}

void PartFile::append(std::string_view bytes) {
  if (bytes.size() > file_.size - size_) {
    throw Error(
        ErrorCode::kInvalidData,
        fmt::format("the server sends more than the {} bytes that the hub tells; pull again, "
                    "and if that does not help, something between changes the file",
                    file_.size),
        file_.name);
  }
  write_all(descriptor_.get(), bytes, path_);
  digest_.update(bytes);
  size_ += bytes.size();
  appended_ += bytes.size();
}

void PartFile::restart() {
  if (::ftruncate(descriptor_.get(), 0) != 0 || ::lseek(descriptor_.get(), 0, SEEK_SET) != 0) {
    throw_disk_error(path_, "write", errno);
  }
  digest_ = Digest(file_);
  size_ = 0;
  kept_ = 0;
}

void PartFile::remove() { ::unlink(path_.c_str()); }

void PartFile::flush() {
  // Errors that the disk kept back come out here, and not after the file has its name.
  if (::fsync(descriptor_.get()) != 0 && errno != EINVAL) throw_disk_error(path_, "write", errno);
}

}  // namespace clipclap::hub
