// Clips as long as a tower's window, and what is heard of longer ones.
#pragma once

#include <ATen/core/Tensor.h>

#include "checkpoint/audio_preprocessing_config.h"

namespace clipclap::model {

/// [batch, samples] → [batch, length]. Shorter clips are filled up as `padding` says (transformers,
/// models/clap/feature_extraction_clap.py, _get_input_mel); of longer ones the first window is
/// taken. Throws Error (kInvalidArgument) where there is no sample.
at::Tensor fit_to_window(const at::Tensor& samples, std::int64_t length,
                         checkpoint::AudioPreprocessing::Padding padding);

/// [batch, frames, mels], longer than a window of `frame_count` → [batch, 4, frame_count, mels]:
/// all of it shrunk, and three windows of it (feature_extraction_clap.py, _random_mel_fusion). The
/// reference takes one window at random from each third of where a window can begin; here they are
/// always the first of the first third, the middle of the second and the last of the third.
at::Tensor fuse_windows(const at::Tensor& log_mel, std::int64_t frame_count);

}  // namespace clipclap::model
