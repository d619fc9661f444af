#include "model/msclap/msclap_sound.h"

#include <string_view>
#include <utility>

#include <ATen/core/Tensor.h>
#include <ATen/ops/gelu.h>

#include <clipclap/error.h>

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

Weights below_trunk(const Weights& weights, const checkpoint::MsclapConfig& config) {
  const bool is_htsat = config.sound_tower == checkpoint::MsclapConfig::SoundTower::kHtsat;
  return weights.below(is_htsat ? "audio_encoder.base.htsat" : "audio_encoder.base");
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

LogMel load_msclap_log_mel(const Weights& weights, const checkpoint::MsclapConfig& config) {
  const auto base = below_trunk(weights, config);
  const std::int64_t bins = config.frame_length / 2 + 1;
  const auto part = [&](std::string_view name) {
    return base.below("spectrogram_extractor.stft")
        .exact(name, {bins, 1, config.frame_length})
        .squeeze(1);
  };
  return LogMel(part("conv_real.weight"), part("conv_imag.weight"),
                base.exact("logmel_extractor.melW", {bins, config.mel_count}), config.hop_length);
}

std::unique_ptr<const SoundTower> make_msclap_sound_tower(const Weights& weights,
                                                          const checkpoint::MsclapConfig& config) {
  MsclapProjection projection(weights.below("audio_encoder.projection"), config.sound_width,
                              config.projection_dim);
  auto log_mel = load_msclap_log_mel(weights, config);
  const auto base = below_trunk(weights, config);
  if (config.sound_tower == checkpoint::MsclapConfig::SoundTower::kCnn14) {
    if (weights.products() == Products::kInt8) {
      throw Error(ErrorCode::kUnsupported,
                  "Cnn14 is made of convolutions, which are not computed in int8; take another "
                  "--precision");
    }
    base.leave_out("fc_audioset");  // the classifier that it was first trained with
    return make_tower(config, std::move(log_mel), Cnn14(base, config.mel_count, config.sound_width),
                      std::move(projection));
  }
  base.leave_out("tscam_conv");  // the same
  base.leave_out("head");
  return make_tower(config, std::move(log_mel), Htsat(base, config.htsat, kOriginalHtsat),
                    std::move(projection));
}

}  // namespace clipclap::model
