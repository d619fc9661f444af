// The preparation of sounds that a checkpoint orders.
#pragma once

#include <cstdint>

#include "checkpoint/checkpoint_files.h"

namespace clipclap::checkpoint {

/// From samples to a log-mel spectrogram. Defaults are those of transformers' ClapFeatureExtractor
/// (models/clap/feature_extraction_clap.py).
struct AudioPreprocessing {
  /// How a clip shorter than the window fills it.
  enum class Padding {
    kRepeatThenSilence,  ///< whole repetitions, then silence
    kRepeat,             ///< repeated until the window is full
    kSilence,
  };
  /// What is heard of a clip longer than the window.
  enum class Truncation {
    kFirstWindow,
    kFusion,  ///< all of it shrunk into one window, and three windows of it
  };

  int sample_rate = 48000;
  int window_seconds = 10;
  int hop_length = 480;
  int fft_size = 1024;
  int mel_count = 64;
  double lowest_frequency = 0;
  double highest_frequency = 14000;
  Padding padding = Padding::kRepeatThenSilence;
  Truncation truncation = Truncation::kFusion;

  std::int64_t window_samples() const { return std::int64_t{sample_rate} * window_seconds; }
  /// Of a whole window's spectrogram.
  std::int64_t frame_count() const { return window_samples() / hop_length + 1; }
};

/// Reads `preprocessor_config.json`, or the `feature_extractor` of `processor_config.json`. Throws
/// Error: kNotFound where neither file is there; kInvalidData (file and key); kUnsupported for
/// another feature extractor.
AudioPreprocessing parse_audio_preprocessing(const CheckpointFiles& files);

}  // namespace clipclap::checkpoint
