#include "cli/download_line.h"

#include <fmt/format.h>

#include "cli/progress_text.h"

namespace clipclap::cli {

void DownloadLine::update(const PullProgress& progress, Clock::time_point now) {
  // The rate of late says when it will be done: the mean would remember every pause.
  constexpr std::chrono::seconds kWindow{5};
  progress_ = progress;
  samples_.push_back({now, progress.bytes_fetched});
  while (now - samples_.front().time > kWindow) samples_.pop_front();
}

std::optional<double> DownloadLine::rate() const {
  constexpr double kLeastSeconds = 0.3;
  if (samples_.empty()) return std::nullopt;
  const auto& first = samples_.front();
  const auto& last = samples_.back();
  const double seconds = std::chrono::duration<double>(last.time - first.time).count();
  if (seconds < kLeastSeconds) return std::nullopt;
  return static_cast<double>(last.bytes - first.bytes) / seconds;
}

std::string DownloadLine::text(int columns) const {
  ProgressText text{.position = "asking the hub", .name = progress_.file};
  if (progress_.file_number == 0) return to_line(text, columns);
  const auto total = static_cast<double>(progress_.bytes_total);
  const auto done = static_cast<double>(progress_.bytes_done);
  text.fraction = total > 0 ? done / total : 1;
  text.rates = format_size(progress_.bytes_done) + "/" + format_size(progress_.bytes_total);
  if (const auto bytes_per_second = rate(); bytes_per_second && *bytes_per_second > 0) {
    text.seconds_left = (total - done) / *bytes_per_second;
    text.rates += fmt::format("  {}/s", format_size(static_cast<std::uint64_t>(*bytes_per_second)));
  }
  text.count = fmt::format("{}/{}", progress_.file_number, progress_.file_count);
  return to_line(text, columns);
}

}  // namespace clipclap::cli
