// How a model listens.
#pragma once

#include <optional>

namespace clipclap::media {

struct SoundOptions {
  int sample_rate = 48000;
  double window_seconds = 10;
  double hop_seconds = 5;
  /// LUFS; windows none of whose blocks of 400 ms is louder are silent. Nothing hears all.
  std::optional<double> silence_floor = -70;
};

}  // namespace clipclap::media
