#include "model/clap/clap_spectrograms.h"

#include "model/htsat/mel_filters.h"
#include "model/htsat/sound_window.h"

namespace clipclap::model {
namespace {

using checkpoint::AudioPreprocessing;

bool fuses(const AudioPreprocessing& preprocessing) {
  return preprocessing.truncation == AudioPreprocessing::Truncation::kFusion;
}

// Fused checkpoints were trained with torchaudio's filters, the others with librosa's
// (feature_extraction_clap.py, _np_extract_fbank_features).
LogMel make_log_mel(const AudioPreprocessing& preprocessing) {
  const MelBands bands{.bin_count = preprocessing.fft_size / 2 + 1,
                       .mel_count = preprocessing.mel_count,
                       .lowest_frequency = preprocessing.lowest_frequency,
                       .highest_frequency = preprocessing.highest_frequency,
                       .sample_rate = preprocessing.sample_rate};
  const auto scale = fuses(preprocessing) ? MelScale::kHtk : MelScale::kSlaney;
  return LogMel(hann_window(preprocessing.fft_size), mel_filters(bands, scale),
                preprocessing.hop_length);
}

}  // namespace

ClapSpectrograms::ClapSpectrograms(const AudioPreprocessing& preprocessing)
    : preprocessing_(preprocessing), log_mel_(make_log_mel(preprocessing)) {}

at::Tensor ClapSpectrograms::operator()(const at::Tensor& samples) const {
  const auto window = preprocessing_.window_samples();
  if (!fuses(preprocessing_) || samples.size(1) <= window) {
    return log_mel_(fit_to_window(samples, window, preprocessing_.padding)).unsqueeze(1);
  }
  const auto log_mel = log_mel_(samples);
  const auto frame_count = preprocessing_.frame_count();
  // Less than a hop beyond the window: no frame more.
  if (log_mel.size(1) == frame_count) return log_mel.unsqueeze(1);
  return fuse_windows(log_mel, frame_count);
}

}  // namespace clipclap::model
