// How far a download has come, on one line of the terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include <clipclap/hub.h>

namespace clipclap::cli {

class DownloadLine {
 public:
  using Clock = std::chrono::steady_clock;

  void update(const PullProgress& progress, Clock::time_point now);

  /// Not wider than `columns` as far as the name is narrow characters.
  std::string text(int columns) const;

 private:
  struct Sample {
    Clock::time_point time;
    std::uint64_t bytes = 0;  ///< fetched until then
  };

  /// Bytes a second, of late; nothing as long as that would be a guess.
  std::optional<double> rate() const;

  PullProgress progress_;
  std::deque<Sample> samples_;  ///< of the last seconds
};

}  // namespace clipclap::cli
