// From samples to a log-mel spectrogram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

namespace clipclap::model {

/// Power spectra of overlapping frames, gathered into mel bands, in decibels: 10·log10(max(p,
/// 1e-10)) (transformers, audio_utils.py, spectrogram). Frames are centred on multiples of the hop;
/// beyond its ends the sound is reflected. Computed in double: in float a loud tone drowns what is
/// 90 dB below it in rounding. Immutable; any number of threads may call it.
class LogMel {
 public:
  /// `window` is [frame], `filters` [frame / 2 + 1, mels].
  LogMel(const at::Tensor& window, const at::Tensor& filters, std::int64_t hop_length);

  /// The same with the windowed Fourier transform given as its matrices, each
  /// [frame / 2 + 1, frame] (torchlibrosa, stft.py, STFT). Where they are such a transform, as they
  /// should be, a fast one takes their place.
  LogMel(const at::Tensor& real, const at::Tensor& imaginary, const at::Tensor& filters,
         std::int64_t hop_length);

  /// [batch, samples] → [batch, 1 + samples / hop, mels] float32. There must be more samples than
  /// half a frame. Memory beyond the result does not grow with their number.
  at::Tensor operator()(const at::Tensor& samples) const;

 private:
  struct Band {
    std::ptrdiff_t first_bin;
    std::vector<double> weights;
  };

  static std::vector<Band> bands_of(const at::Tensor& filters);
  void read_frame(std::span<const float> sound, std::int64_t frame, double* target) const;
  at::Tensor power_of_bands(const at::Tensor& frames) const;

  at::Tensor window_;    ///< [frame]; undefined where `matrices_` counts
  at::Tensor matrices_;  ///< [frame, 2 · (frame / 2 + 1)], the real part before the imaginary
  at::Tensor filters_;
  std::vector<Band> bands_;  ///< the same
  std::int64_t frame_length_;
  std::int64_t hop_length_;
};

/// The window that the reference's spectrograms are made with: a periodic Hann's, float64.
at::Tensor hann_window(std::int64_t length);

}  // namespace clipclap::model
