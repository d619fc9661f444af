// How far a run over several inputs has come, on one line of the terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include <clipclap/tagging.h>

namespace clipclap::cli {

class ProgressLine {
 public:
  using Clock = std::chrono::steady_clock;

  ProgressLine(std::size_t inputs, Clock::time_point now) : inputs_(inputs), run_start_(now) {}

  void begin_input(const std::string& name, Clock::time_point now);
  void update(const Progress& progress) { progress_ = progress; }

  /// Not wider than `columns` as far as the name is narrow characters.
  std::string text(int columns, Clock::time_point now) const;

 private:
  double fraction() const;
  bool knows_fraction() const { return inputs_ > 1 || progress_.duration_seconds.has_value(); }
  std::string rates(Clock::time_point now) const;
  std::optional<double> seconds_left(Clock::time_point now) const;

  std::size_t inputs_;
  Clock::time_point run_start_;
  Clock::time_point input_start_;
  std::size_t begun_ = 0;
  std::string name_;
  Progress progress_;
};

}  // namespace clipclap::cli
