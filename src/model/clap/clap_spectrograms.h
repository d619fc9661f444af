// What CLAP's sound tower looks at.
#pragma once

#include <ATen/core/Tensor.h>

#include "checkpoint/audio_preprocessing_config.h"
#include "model/htsat/log_mel.h"

namespace clipclap::model {

/// Log-mel spectrograms of clips (transformers, models/clap/feature_extraction_clap.py). Of a clip
/// longer than the window the first window is heard or, where the checkpoint fuses, the whole.
/// Immutable; any number of threads may call it.
class ClapSpectrograms {
 public:
  explicit ClapSpectrograms(const checkpoint::AudioPreprocessing& preprocessing);

  /// [batch, samples] float32 → [batch, 1, frames, mels], or [batch, 4, frames, mels] for what
  /// fuse_windows makes of long clips. Whether a clip is long is decided by its length alone: the
  /// reference, where no clip of a batch is long, treats one that it draws by lot as if it were.
  at::Tensor operator()(const at::Tensor& samples) const;

 private:
  checkpoint::AudioPreprocessing preprocessing_;
  LogMel log_mel_;
};

}  // namespace clipclap::model
