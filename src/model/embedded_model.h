// The demo models that are part of the library.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "checkpoint/checkpoint_files.h"

namespace clipclap::model {

struct EmbeddedModel {
  std::string_view name;  ///< for ModelOptions::model
  checkpoint::CheckpointFiles (*files)();
};

/// Ordinary Hugging Face checkpoints: the one that sees (tools/train_demo/pictures) before the one
/// that hears (tools/train_demo/sounds).
std::span<const EmbeddedModel> embedded_models();

/// Of an embedded model by its name, the first for none; otherwise of what lies on the disk.
checkpoint::CheckpointFiles open_files(const std::string& model);

}  // namespace clipclap::model
