#include "hub/disk.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <clipclap/error.h>
#include <clipclap/hub.h>

namespace clipclap::hub {
namespace {

namespace fs = std::filesystem;

std::string_view remedy_for(int reason) {
  switch (reason) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "; make room and pull again: what is there is kept";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; pull to a folder that you may write to, with --into or HF_HUB_CACHE";
    default:
      return "";
  }
}

}  // namespace

void throw_disk_error(const fs::path& path, std::string_view action, int reason) {
  throw Error(ErrorCode::kIo,
              fmt::format("cannot {}: {}{}", action, std::strerror(reason), remedy_for(reason)),
              path.string());
}

void write_all(int descriptor, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_disk_error(path, "write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

void create_folders(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw_disk_error(folder, "make the folder", failure.value());
}

void rename_file(const fs::path& from, const fs::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) throw_disk_error(to, "put the file there", errno);
}

void write_small_file(const fs::path& path, const fs::path& workshop, std::string_view contents) {
  static std::atomic<unsigned> count = 0;
  const auto temporary = workshop / fmt::format("tmp_clipclap_{}_{}", ::getpid(), ++count);
  try {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (file.get() < 0) throw_disk_error(path, "write", errno);
    write_all(file.get(), contents, path);
    rename_file(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void require_space(const fs::path& folder, std::uint64_t bytes) {
  auto place = folder.empty() ? fs::path(".") : fs::absolute(folder);
  std::error_code ignored;
  while (!fs::exists(place, ignored) && place.has_relative_path()) place = place.parent_path();
  struct statvfs status {};
  if (::statvfs(place.c_str(), &status) != 0) return;  // the write itself will tell
  const std::uint64_t free = std::uint64_t{status.f_bavail} * status.f_frsize;
  if (free >= bytes) return;
  throw Error(ErrorCode::kIo,
              fmt::format("{} are still to be fetched, but only {} are free there; make room, or "
                          "pull to another disk with --into or HF_HUB_CACHE",
                          format_size(bytes), format_size(free)),
              folder.string());
}

}  // namespace clipclap::hub
