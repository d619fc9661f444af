// How a progress line is put together, whatever it tells of.
#pragma once

#include <optional>
#include <string>

namespace clipclap::cli {

/// What is empty is left out.
struct ProgressText {
  std::optional<double> fraction{};  ///< 0 … 1: a bar and a percentage
  std::string position{};            ///< in their place where there is no fraction
  std::optional<double> seconds_left{};
  std::string rates{};  ///< on wide terminals only
  std::string count{};  ///< "2/5"
  std::string name{};   ///< its end, as far as there is room
};

/// Not wider than `columns` as far as the name is narrow characters.
std::string to_line(const ProgressText& text, int columns);

/// "1:05", "2:03:04"
std::string short_clock(double seconds);

}  // namespace clipclap::cli
