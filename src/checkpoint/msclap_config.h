// The settings of an msclap checkpoint.
#pragma once

#include <string>

#include "base/json.h"
#include "checkpoint/htsat_config.h"
#include "checkpoint/towers_config.h"

namespace clipclap::checkpoint {

/// What msclap keeps in its package (msclap 1.3.4, configs/config_2023.yml and config_2022.yml),
/// and what the parts have by default.
struct MsclapConfig {
  enum class SoundTower { kHtsat, kCnn14 };
  enum class TextTower { kGpt2, kBert };

  SoundTower sound_tower = SoundTower::kHtsat;
  HtsatConfig htsat;
  int sound_width = 768;
  int sample_rate = 44100;
  int window_seconds = 7;
  int frame_length = 1024;
  int hop_length = 320;
  int mel_count = 64;
  TextTower text_tower = TextTower::kGpt2;
  TextConfig text;
  int text_length = 77;
  int projection_dim = 1024;
};

/// Reads a `config.json` of `model_type` "msclap": the keys of the package's own file under their
/// names, every default that of 2023; `audio_config` and `text_config` hold what differs from
/// HTS-AT's, GPT-2's or BERT's usual shape, under the names that transformers gives it. Throws
/// Error with file and key: kInvalidData, kUnsupported for towers that msclap has no weights for.
MsclapConfig parse_msclap_config(const Json& config, const std::string& origin);

/// The settings of 2022 as such a config.
Json msclap_2022_config();

}  // namespace clipclap::checkpoint
