// msclap's sound towers: HTS-AT (2023, Elizalde et al. 2024) and CNN14 (2022, Elizalde et al.
// 2023).
#pragma once

#include <memory>

#include "checkpoint/msclap_config.h"
#include "model/blocks/linear.h"
#include "model/blocks/norm.h"
#include "model/dual_encoder.h"
#include "model/htsat/log_mel.h"
#include "model/weights.h"

namespace clipclap::model {

/// norm(e + out(gelu(e))) of e = in(x) (msclap, models/clap.py, Projection).
class MsclapProjection {
 public:
  /// Reads `linear1`, `linear2` and `layer_norm`.
  MsclapProjection(const Weights& weights, std::int64_t width, std::int64_t dimension);

  /// [batch, width] → [batch, dimension].
  at::Tensor operator()(const at::Tensor& states) const;

 private:
  Linear in_, out_;
  LayerNorm norm_;
};

/// The front end that the checkpoint was trained with: it holds the Fourier transform and the
/// filters. They are not what the package's settings would give: its HTS-AT was made for another
/// sample rate.
LogMel load_msclap_log_mel(const Weights& weights, const checkpoint::MsclapConfig& config);

/// Reads `audio_encoder.*`. Clips shorter than the window are repeated until they fill it, of
/// longer ones the first window is heard (the reference takes one at random).
std::unique_ptr<const SoundTower> make_msclap_sound_tower(const Weights& weights,
                                                          const checkpoint::MsclapConfig& config);

}  // namespace clipclap::model
