#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

#include "base/large_blocks.h"
#include "cli/program.h"

namespace {

// Where the caller closed one of the standard descriptors, the next file that is opened would take
// its number, and talk would land in it. What stands in instead refuses to be written.
void occupy_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  clipclap::keep_large_blocks();
  return clipclap::cli::run_program({argv + std::min(argc, 1), argv + argc});
}
