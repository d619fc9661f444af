// The registry: how a checkpoint is recognised and what loads it. Adding an architecture is a row
// here and a folder beside clip/.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/json.h"
#include "checkpoint/checkpoint_files.h"
#include "model/dual_encoder.h"

namespace clipclap::model {

struct Architecture {
  std::string_view name;       ///< "clip-hf"
  std::string_view family;     ///< "CLIP"
  std::string_view packaging;  ///< what the user has on disk, for people
  bool (*recognizes)(const checkpoint::CheckpointFiles& files, const Json& config);
  DualEncoder (*load)(const checkpoint::CheckpointFiles& files, const Json& config);
};

std::span<const Architecture> architectures();

/// Loads a checkpoint with the row that recognises it. Throws Error (kUnsupported) that names the
/// architecture found and those that are known.
std::shared_ptr<const DualEncoder> load_model(const checkpoint::CheckpointFiles& files);

}  // namespace clipclap::model
