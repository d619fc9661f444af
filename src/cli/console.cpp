#include "cli/console.h"

#include <cerrno>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/terminal.h"

namespace clipclap::cli {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[2K";
constexpr int kDefaultColumns = 80;

// Straight to the descriptor: a whole line in one call does not mix with other programs' lines.
void write_stderr(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;  // There is nowhere left to say it.
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool is_c1_control = byte == 0xC2 && next >= 0x80 && next < 0xA0;
    if (is_c1_control) ++i;
    const bool is_control = byte < 0x20 || byte == 0x7F || is_c1_control;
    line += is_control ? ' ' : text[i];
  }
  return line;
}

Console::Console() : moves_cursor_(allows_cursor_movement(STDERR_FILENO)) {}

void Console::set_talk(const TalkOptions& talk) {
  const std::lock_guard lock(mutex_);
  talk_ = talk;
}

void Console::show(std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear_locked();
  write_stderr(text);
}

void Console::error(std::string_view text) { say("clipclap: ", text); }

void Console::warning(std::string_view text) {
  if (!talk_.quiet) say("clipclap: warning: ", text);
}

void Console::note(std::string_view text) {
  if (!talk_.quiet) say("clipclap: ", text);
}

void Console::information(std::string_view text) {
  if (talk_.verbose) say("clipclap: info: ", text);
}

bool Console::shows_progress() const { return moves_cursor_ && !talk_.quiet; }

int Console::columns() const { return columns_of(STDERR_FILENO, kDefaultColumns); }

void Console::draw_progress(std::string_view line) {
  if (!shows_progress()) return;
  const std::lock_guard lock(mutex_);
  // Without wrapping: a line that is a column too wide would leave its first row behind.
  constexpr std::string_view kWrapOff = "\x1b[?7l";
  constexpr std::string_view kWrapOn = "\x1b[?7h";
  write_stderr(fmt::format("{}{}{}{}", kEraseLine, kWrapOff, one_line(line), kWrapOn));
  progress_drawn_ = true;
}

void Console::clear_progress() {
  const std::lock_guard lock(mutex_);
  clear_locked();
}

void Console::try_clear_progress() noexcept {
  if (!mutex_.try_lock()) return;
  clear_locked();
  mutex_.unlock();
}

void Console::say(std::string_view prefix, std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear_locked();
  write_stderr(fmt::format("{}{}\n", prefix, one_line(text)));
}

void Console::clear_locked() noexcept {
  if (progress_drawn_) write_stderr(kEraseLine);
  progress_drawn_ = false;
}

}  // namespace clipclap::cli
