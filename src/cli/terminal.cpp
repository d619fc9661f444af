#include "cli/terminal.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace clipclap::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

int read_positive(std::string_view text) {
  int value = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end && value > 0 ? value : 0;
}

}  // namespace

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

bool allows_cursor_movement(int descriptor) {
  return is_terminal(descriptor) && environment("TERM") != "dumb";
}

// https://no-color.org: any value but the empty one.
bool allows_color(int descriptor) {
  return allows_cursor_movement(descriptor) && environment("NO_COLOR").empty();
}

int columns_of(int descriptor, int otherwise) {
  if (const int told = read_positive(environment("COLUMNS")); told > 0) return told;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return otherwise;
}

}  // namespace clipclap::cli
