#include "model/clap/clap.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/audio_preprocessing_config.h"
#include "checkpoint/clap_config.h"
#include "checkpoint/safetensors.h"
#include "model/clap/clap_towers.h"
#include "model/text_side.h"
#include "model/tower_info.h"
#include "model/weights.h"

namespace clipclap::model {
namespace {

using checkpoint::AudioPreprocessing;

// What the two files must agree on.
void require_fits(const AudioPreprocessing& preprocessing, const checkpoint::HtsatConfig& config,
                  const Checkpoint& checkpoint) {
  const auto refuse = [&](ErrorCode code, const std::string& message) {
    throw Error(code, message, checkpoint.origin + ": audio_config");
  };
  if (preprocessing.mel_count != config.mel_count) {
    refuse(ErrorCode::kInvalidData,
           fmt::format("num_mel_bins is {}, but the preprocessor's feature_size is {}; do the two "
                       "files belong together?",
                       config.mel_count, preprocessing.mel_count));
  }
  if (preprocessing.frame_count() > config.frame_count()) {
    refuse(ErrorCode::kInvalidData,
           fmt::format("spec_size has room for {} frames, but the preprocessor makes {} (sampling "
                       "rate, max_length_s, hop_length)",
                       config.frame_count(), preprocessing.frame_count()));
  }
  const bool fuses = preprocessing.truncation == AudioPreprocessing::Truncation::kFusion;
  if (fuses != config.fusion) {
    refuse(
        ErrorCode::kUnsupported,
        fmt::format("enable_fusion is {}, but the preprocessor's truncation is \"{}\"; the tower "
                    "cannot take what it makes",
                    config.fusion, fuses ? "fusion" : "rand_trunc"));
  }
}

}  // namespace

bool recognizes_clap(const Checkpoint& checkpoint) {
  return checkpoint::read_model_type(checkpoint.config) == "clap";
}

DualEncoder load_clap(const Checkpoint& checkpoint) {
  const auto& files = checkpoint.files;
  const auto config = checkpoint::parse_clap_config(checkpoint.config, checkpoint.origin);
  auto text = load_text_side(files, config.text);
  text.layout.pad_id = config.text.pad_token_id;
  const auto preprocessing = checkpoint::parse_audio_preprocessing(files);
  require_fits(preprocessing, config.audio, checkpoint);

  checkpoint::TensorMap tensors(files);
  const Weights weights(tensors, checkpoint.arithmetic);
  ModelInfo info;
  describe_sounds(info, config.audio);
  describe_texts(info, config.text.transformer);
  describe_tensors(info, tensors);
  info.embedding_dimension = config.projection_dim;

  text.tower = make_clap_text_tower(weights.for_texts(), config);
  SoundSide sound{preprocessing.sample_rate, static_cast<double>(preprocessing.window_seconds),
                  make_clap_sound_tower(weights, config, preprocessing), config.audio.fusion};
  // The scale of sounds for a text; nothing here asks that way round.
  if (weights.contains("logit_scale_t")) weights.scalar("logit_scale_t");
  const ScoreRule score{.logit_scale = std::exp(weights.scalar("logit_scale_a"))};
  warn_of_unused(tensors, files.name());
  return {.info = std::move(info),
          .files = files,
          .text = std::move(text),
          .picture = std::nullopt,
          .sound = std::move(sound),
          .score = score};
}

}  // namespace clipclap::model
