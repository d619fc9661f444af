// A stretch of sound, cut into overlapping windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace clipclap::media {

/// A window's samples and where the first of them stands, counted from the stretch's beginning.
struct CutWindow {
  std::int64_t start = 0;
  std::vector<float> samples;
};

/// Windows begin at every multiple of the hop, as long as they are full. What is left at the end
/// gets a last full window that ends with the sound. A sound shorter than a window is one window,
/// as short as it is. Memory depends on the window, not on the sound. Not thread-safe.
class SoundWindows {
 public:
  /// In samples; 0 < `hop` <= `window`.
  SoundWindows(std::size_t window, std::size_t hop) : window_(window), hop_(hop) {}

  void push(std::span<const float> samples);
  /// No more samples come: the last window may be taken. Then a new stretch may begin.
  void finish();

  /// The next window that is complete.
  std::optional<CutWindow> next();

  /// Samples that were pushed since the stretch began.
  std::int64_t length() const { return length_; }

 private:
  CutWindow cut(std::int64_t start, std::size_t count) const;

  std::size_t window_;
  std::size_t hop_;
  /// The samples from `kept_from_` on.
  std::vector<float> kept_;
  std::int64_t kept_from_ = 0;
  std::int64_t length_ = 0;
  /// Where the next window begins.
  std::int64_t next_start_ = 0;
  /// Up to here everything is in some window.
  std::int64_t covered_ = 0;
  bool finished_ = false;
};

}  // namespace clipclap::media
