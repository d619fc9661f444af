// config.json of a Hugging Face ClapModel, every default filled in.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "checkpoint/htsat_config.h"
#include "checkpoint/towers_config.h"

namespace clipclap::checkpoint {

/// RoBERTa. Positions are counted from behind the padding id's, so that the embedding has more rows
/// than a text has tokens: `position_count` is the latter.
struct ClapTextConfig : TextConfig {
  std::int64_t pad_token_id = 1;
  int token_type_count = 1;

  std::int64_t position_rows() const { return position_count + pad_token_id + 1; }
};

/// Defaults are those of transformers' ClapConfig, ClapAudioConfig and ClapTextConfig
/// (models/clap/configuration_clap.py).
struct ClapConfig {
  HtsatConfig audio;
  ClapTextConfig text;
  /// The two at the top: the sub-configs' own serve only their lone towers.
  int projection_dim = 512;
  Activation projection_activation = Activation::kRelu;
};

/// Throws Error with file and key, as parse_clip_config and read_htsat do.
ClapConfig parse_clap_config(const Json& config, const std::string& origin);

}  // namespace clipclap::checkpoint
