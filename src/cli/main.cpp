#include <algorithm>
#include <limits>

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include "cli/program.h"

namespace {

// Where the caller closed one of the standard descriptors, the next file that is opened would take
// its number, and talk would land in it. What stands in instead refuses to be written.
void occupy_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
  }
}

// Towers take and give back tens of megabytes at every step. Handed back to the system each time,
// they cost a fifth of the run in pages that are cleared anew.
void keep_large_blocks() {
#ifdef __GLIBC__
  constexpr int kNever = std::numeric_limits<int>::max();
  ::mallopt(M_MMAP_THRESHOLD, kNever);
  ::mallopt(M_TRIM_THRESHOLD, kNever);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  keep_large_blocks();
  return clipclap::cli::run_program({argv + std::min(argc, 1), argv + argc});
}
