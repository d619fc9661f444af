#include "hub/file_lock.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "hub/retry.h"

namespace clipclap::hub {
namespace {

namespace fs = std::filesystem;

enum class Outcome { kHeld, kBusy };

Outcome try_lock(int descriptor, const fs::path& path) {
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
    // Who deletes the file after we opened it leaves us with a lock that nobody else sees.
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw_disk_error(path, "lock", errno);
    return status.st_nlink > 0 ? Outcome::kHeld : Outcome::kBusy;
  }
  switch (errno) {
    case EWOULDBLOCK:
    case EACCES:
    case EINTR:
      return Outcome::kBusy;
    case ENOSYS:
    case ENOLCK:
    case EOPNOTSUPP:
      log_warning(
          fmt::format("{}: the file system knows no locks; let only one program download "
                      "this model at a time",
                      path.string()));
      return Outcome::kHeld;
    default:
      throw_disk_error(path, "lock", errno);
  }
}

int open_and_lock(const fs::path& path, const Tick& tick) {
  constexpr std::chrono::milliseconds kPause{100};
  create_folders(path.parent_path());
  bool told = false;
  while (true) {
    const int descriptor =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
    if (descriptor < 0) throw_disk_error(path, "lock", errno);
    try {
      if (try_lock(descriptor, path) == Outcome::kHeld) return descriptor;
    } catch (...) {
      ::close(descriptor);
      throw;
    }
    ::close(descriptor);
    if (!told) log_info(fmt::format("{}: waiting for another download", path.string()));
    told = true;
    wait_for(kPause, tick);
  }
}

}  // namespace

FileLock::FileLock(const fs::path& path, const Tick& tick) : file_(open_and_lock(path, tick)) {}

}  // namespace clipclap::hub
