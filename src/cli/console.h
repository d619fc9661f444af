// Everything the program says on stderr.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace clipclap::cli {

struct TalkOptions {
  bool quiet = false;    ///< errors only
  bool verbose = false;  ///< the library's information too
};

/// The text on one line: control characters, line breaks among them, become spaces.
std::string one_line(std::string_view text);

/// Lines on stderr, each "clipclap: …", and a progress line that gives way to them. Any thread may
/// call it.
class Console {
 public:
  Console();

  void set_talk(const TalkOptions& talk);

  /// Lines of help, as they are.
  void show(std::string_view text);

  void error(std::string_view text);
  void warning(std::string_view text);      ///< not when quiet
  void note(std::string_view text);         ///< not when quiet
  void information(std::string_view text);  ///< only when verbose

  bool shows_progress() const;
  int columns() const;
  /// Draws over the last progress line. `line` is cut at the terminal's edge.
  void draw_progress(std::string_view line);
  void clear_progress();
  /// clear_progress() for the moment before a forced end: gives up where another thread is stuck
  /// while it talks.
  void try_clear_progress() noexcept;

 private:
  void say(std::string_view prefix, std::string_view text);
  void clear_locked() noexcept;

  mutable std::mutex mutex_;
  TalkOptions talk_;
  bool moves_cursor_;
  bool progress_drawn_ = false;
};

}  // namespace clipclap::cli
