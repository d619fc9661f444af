// How far a run over several inputs has come, on one line of the terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <clipclap/tagging.h>

namespace clipclap::cli {

class ProgressLine {
 public:
  using Clock = std::chrono::steady_clock;

  /// `inputs` outlives it.
  ProgressLine(const std::vector<std::string>& inputs, Clock::time_point now)
      : inputs_(inputs), run_start_(now), input_start_(now), last_update_(now) {}

  void update(const Progress& progress, Clock::time_point now);

  /// Not wider than `columns` as far as the name is narrow characters.
  std::string text(int columns, Clock::time_point now) const;

 private:
  double fraction() const;
  bool knows_fraction() const {
    return inputs_.size() > 1 || progress_.duration_seconds.has_value();
  }
  std::string rates(Clock::time_point now) const;
  std::optional<double> seconds_left(Clock::time_point now) const;

  const std::vector<std::string>& inputs_;
  Clock::time_point run_start_;
  Clock::time_point input_start_;
  Clock::time_point last_update_;
  Progress progress_;
};

}  // namespace clipclap::cli
