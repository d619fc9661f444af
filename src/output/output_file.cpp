#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <streambuf>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clipclap/error.h>
#include <clipclap/output_file.h>

namespace clipclap {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_errno(int reason, const std::string& name, std::string_view remedy = {}) {
  if (reason == EPIPE) {
    throw Error(ErrorCode::kCancelled, "the reader of the output has gone", name);
  }
  throw Error(ErrorCode::kIo,
              fmt::format("cannot write: {}{}{}", std::strerror(reason), remedy.empty() ? "" : "; ",
                          remedy),
              name);
}

// Bytes to a descriptor, whole write() calls of what was handed over together where that is
// possible, so that the reader of a pipe sees whole lines.
class DescriptorBuffer final : public std::streambuf {
 public:
  DescriptorBuffer(int descriptor, std::string name)
      : descriptor_(descriptor), name_(std::move(name)) {
    setp(buffer_.data(), buffer_.data() + buffer_.size());
  }

 protected:
  int_type overflow(int_type character) override {
    write_out();
    if (!traits_type::eq_int_type(character, traits_type::eof())) {
      sputc(traits_type::to_char_type(character));
    }
    return traits_type::not_eof(character);
  }

  std::streamsize xsputn(const char* text, std::streamsize count) override {
    const std::string_view piece(text, static_cast<std::size_t>(count));
    if (count > epptr() - pptr()) write_out();
    if (piece.size() > buffer_.size()) {
      write_all(piece);
    } else {
      std::memcpy(pptr(), piece.data(), piece.size());
      pbump(static_cast<int>(piece.size()));
    }
    return count;
  }

  int sync() override {
    write_out();
    return 0;
  }

 private:
  void write_out() {
    const std::string_view pending(pbase(), static_cast<std::size_t>(pptr() - pbase()));
    // Before the write: what failed once is not tried again by the next call.
    setp(buffer_.data(), buffer_.data() + buffer_.size());
    write_all(pending);
  }

  void write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {
        wait_until_writable();
      } else if (errno != EINTR) {
        throw_errno(errno, name_);
      }
    }
  }

  // A descriptor shared with a program that made it non-blocking.
  void wait_until_writable() const {
    pollfd request{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    ::poll(&request, 1, -1);
  }

  int descriptor_;
  std::string name_;
  std::array<char, 65536> buffer_;
};

// "/dev/stdout", "/dev/fd/3", "/proc/self/fd/3": a descriptor that the process was given. Opening
// the name anew would start at the front of a file that a shell opened to append to.
std::optional<int> given_descriptor(std::string_view path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    const auto digits = path.substr(folder.size());
    int number = -1;
    const auto* end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, number);
    if (result.ec == std::errc() && result.ptr == end) return number;
  }
  return std::nullopt;
}

// Where a path leads at last: renaming onto a symbolic link would replace the link.
fs::path follow_links(fs::path path, const std::string& name) {
  constexpr int kMaximumLinks = 40;
  for (int i = 0; i < kMaximumLinks; ++i) {
    std::error_code failure;
    if (given_descriptor(path.native()) || !fs::is_symlink(path, failure)) return path;
    const auto target = fs::read_symlink(path, failure);
    if (failure) throw_errno(failure.value(), name);
    path = path.parent_path() / target;
  }
  throw_errno(ELOOP, name);
}

void require_own_right_to_write(const fs::path& path, const std::string& name) {
  // A rename needs the folder's permission only and would replace what is marked read-only.
  if (::access(path.c_str(), W_OK) != 0) throw_errno(errno, name);
}

}  // namespace

struct OutputFile::Implementation {
  std::string given_path;
  std::string name;       ///< for messages
  fs::path path;          ///< a regular file's, links followed; empty where written directly
  std::string temporary;  ///< empty where written directly
  int descriptor = -1;
  bool committed = false;
  std::optional<DescriptorBuffer> buffer;
  std::ostream stream{nullptr};

  explicit Implementation(const std::string& target);
  ~Implementation();
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  void open_given(int given);
  void open_directly(const fs::path& target);
  void open_temporary(const struct stat* old);
};

OutputFile::Implementation::Implementation(const std::string& target)
    : given_path(target),
      name(given_descriptor(target) == STDOUT_FILENO ? "standard output" : target) {
  if (target.empty()) throw Error(ErrorCode::kIo, "cannot write: the output has no name");
  const auto place = follow_links(target, name);
  struct stat old {};
  if (const auto given = given_descriptor(place.native())) {
    open_given(*given);
  } else if (::stat(place.c_str(), &old) != 0) {
    if (errno != ENOENT) throw_errno(errno, name);
    path = place;
    open_temporary(nullptr);
  } else if (S_ISDIR(old.st_mode)) {
    throw Error(ErrorCode::kIo, "cannot write: it is a folder, name a file in it", name);
  } else if (S_ISREG(old.st_mode)) {
    require_own_right_to_write(place, name);
    path = place;
    open_temporary(&old);
  } else {
    open_directly(place);
  }
  buffer.emplace(descriptor, name);
  stream.rdbuf(&*buffer);
  // Lets the buffer's own Error through instead of turning it into a state nobody looks at.
  stream.exceptions(std::ios::badbit);
}

OutputFile::Implementation::~Implementation() {
  if (descriptor >= 0) ::close(descriptor);
  if (!temporary.empty() && !committed) ::unlink(temporary.c_str());
}

void OutputFile::Implementation::open_given(int given) {
  descriptor = ::fcntl(given, F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) throw_errno(errno, name);
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY) throw_errno(EBADF, name);
}

void OutputFile::Implementation::open_directly(const fs::path& target) {
  descriptor = ::open(target.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) throw_errno(errno, name);
}

void OutputFile::Implementation::open_temporary(const struct stat* old) {
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  constexpr int kMaximumTries = 1000;
  for (int i = 0; i < kMaximumTries && descriptor < 0; ++i) {
    temporary = (folder / fmt::format(".clipclap-{}-{}.part", ::getpid(), i)).string();
    descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno != EEXIST) break;
  }
  if (descriptor < 0) {
    const int reason = errno;
    temporary.clear();
    throw_errno(reason, name, "name a file in a folder that exists and that you may write to");
  }
  if (old == nullptr) return;
  // Best effort: only root may give a file away, and some file systems have no modes.
  [[maybe_unused]] const int owner_kept = ::fchown(descriptor, old->st_uid, old->st_gid);
  [[maybe_unused]] const int mode_kept = ::fchmod(descriptor, old->st_mode & 07777);
}

OutputFile::OutputFile(const std::string& path)
    : implementation_(std::make_unique<Implementation>(path)) {}

OutputFile::~OutputFile() = default;
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;

std::ostream& OutputFile::stream() noexcept { return implementation_->stream; }

const std::string& OutputFile::path() const noexcept { return implementation_->given_path; }

int OutputFile::descriptor() const noexcept { return implementation_->descriptor; }

void OutputFile::commit() {
  auto& file = *implementation_;
  file.stream.flush();
  if (file.temporary.empty()) return;
  // Errors that a disk or a network file system kept back come out here, not after the rename.
  if (::fsync(file.descriptor) != 0 && errno != EINVAL) throw_errno(errno, file.name);
  if (::close(std::exchange(file.descriptor, -1)) != 0) throw_errno(errno, file.name);
  if (::rename(file.temporary.c_str(), file.path.c_str()) != 0) throw_errno(errno, file.name);
  file.committed = true;
}

void OutputFile::abandon() noexcept {
  const auto& temporary = implementation_->temporary;
  if (!temporary.empty()) ::unlink(temporary.c_str());
}

}  // namespace clipclap
