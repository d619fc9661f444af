#include "model/msclap/msclap_sound.h"

#include <utility>

#include <ATen/ATen.h>

#include "model/htsat/htsat.h"
#include "model/htsat/log_mel.h"
#include "model/htsat/sound_window.h"
#include "model/msclap/cnn14.h"

namespace clipclap::model {
namespace {

constexpr double kNormEps = 1e-5;

template <typename Trunk>
class MsclapSoundTower final : public SoundTower {
 public:
  MsclapSoundTower(std::int64_t window, LogMel log_mel, Trunk trunk, MsclapProjection projection)
      : window_(window),
        log_mel_(std::move(log_mel)),
        trunk_(std::move(trunk)),
        projection_(std::move(projection)) {}

  at::Tensor encode(const at::Tensor& samples) const override {
    using Padding = checkpoint::AudioPreprocessing::Padding;
    const auto clips = fit_to_window(samples, window_, Padding::kRepeat);
    return projection_(trunk_(log_mel_(clips).unsqueeze(1)));
  }

 private:
  std::int64_t window_;  ///< samples
  LogMel log_mel_;
  Trunk trunk_;
  MsclapProjection projection_;
};

// The checkpoint holds the Fourier transform and the filters that it was trained with. They are not
// what the package's settings would give: its HTS-AT was made for another sample rate.
LogMel load_log_mel(const Weights& weights, const checkpoint::MsclapConfig& config) {
  const std::int64_t bins = config.frame_length / 2 + 1;
  const auto transform = weights.below("spectrogram_extractor.stft");
  const auto part = [&](const char* name) {
    return transform.exact(name, {bins, 1, config.frame_length}).squeeze(1);
  };
  return LogMel(part("conv_real.weight"), part("conv_imag.weight"),
                weights.exact("logmel_extractor.melW", {bins, config.mel_count}),
                config.hop_length);
}

template <typename Trunk>
std::unique_ptr<const SoundTower> make_tower(const checkpoint::MsclapConfig& config, LogMel log_mel,
                                             Trunk trunk, MsclapProjection projection) {
  const auto window = std::int64_t{config.sample_rate} * config.window_seconds;
  return std::make_unique<MsclapSoundTower<Trunk>>(window, std::move(log_mel), std::move(trunk),
                                                   std::move(projection));
}

}  // namespace

MsclapProjection::MsclapProjection(const Weights& weights, std::int64_t width,
                                   std::int64_t dimension)
    : in_(weights.tensor("linear1.weight", {dimension, width}), at::Tensor()),
      out_(weights.tensor("linear2.weight", {dimension, dimension}), at::Tensor()),
      norm_(weights, "layer_norm", dimension, kNormEps) {}

at::Tensor MsclapProjection::operator()(const at::Tensor& states) const {
  const auto embedded = in_(states);
  return norm_(out_.add_to(embedded, at::gelu(embedded)));
}

std::unique_ptr<const SoundTower> make_msclap_sound_tower(const Weights& weights,
                                                          const checkpoint::MsclapConfig& config) {
  const auto encoder = weights.below("audio_encoder");
  MsclapProjection projection(encoder.below("projection"), config.sound_width,
                              config.projection_dim);
  if (config.sound_tower == checkpoint::MsclapConfig::SoundTower::kCnn14) {
    const auto base = encoder.below("base");
    base.leave_out("fc_audioset");  // the classifier that it was first trained with
    return make_tower(config, load_log_mel(base, config),
                      Cnn14(base, config.mel_count, config.sound_width), std::move(projection));
  }
  const auto base = encoder.below("base.htsat");
  base.leave_out("tscam_conv");  // the same
  base.leave_out("head");
  return make_tower(config, load_log_mel(base, config), Htsat(base, config.htsat, kOriginalHtsat),
                    std::move(projection));
}

}  // namespace clipclap::model
