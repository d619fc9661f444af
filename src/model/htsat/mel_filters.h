// Triangular filters that gather a spectrum into mel bands.
#pragma once

#include <ATen/core/Tensor.h>

namespace clipclap::model {

enum class MelScale {
  kHtk,     ///< 2595 · log10(1 + f / 700)
  kSlaney,  ///< linear below 1 kHz, logarithmic above; bands are divided by their width in hertz
};

struct MelBands {
  std::int64_t bin_count = 0;  ///< of the spectrum, from 0 to half the sample rate
  std::int64_t mel_count = 0;
  double lowest_frequency = 0;
  double highest_frequency = 0;
  int sample_rate = 0;
};

/// [bin_count, mel_count] float64 (transformers, audio_utils.py, mel_filter_bank).
at::Tensor mel_filters(const MelBands& bands, MelScale scale);

}  // namespace clipclap::model
