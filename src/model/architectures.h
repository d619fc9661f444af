// The registry: how a checkpoint is recognised and what loads it. Adding an architecture is a row
// here and a folder beside clip/.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "checkpoint/checkpoint_files.h"
#include "model/dual_encoder.h"
#include "model/precision.h"

namespace clipclap::model {

/// A checkpoint that is about to be loaded.
struct Checkpoint {
  checkpoint::CheckpointFiles files;
  Json config;         ///< of config.json, or of open_clip_config.json; null for a lone file
  std::string origin;  ///< that file, for messages
  std::optional<Precision> precision{};  ///< as asked for
  Arithmetic arithmetic{};
  ScriptOptions script{};
};

/// Which of ScriptOptions a kind of checkpoint has a use for; who takes a tokenizer takes a scale.
enum class ScriptUse { kNone, kTokenizer, kAll };

/// The texts are for people. The row with the first `recognizes` that holds loads.
struct Architecture {
  std::string_view name;       ///< "clip-hf"
  std::string_view family;     ///< "CLIP"
  std::string_view packaging;  ///< what the user has on disk
  std::string_view senses;     ///< "pictures" or "sounds"
  std::string_view text;       ///< the tokenizer that belongs to it
  std::string_view score;      ///< "softmax" or "sigmoid"
  bool (*recognizes)(const Checkpoint& checkpoint);
  DualEncoder (*load)(const Checkpoint& checkpoint);
  ScriptUse script_use = ScriptUse::kNone;
  bool chooses_precision = true;  ///< otherwise it computes in float32 or as it says itself
};

std::span<const Architecture> architectures();

/// Loads a checkpoint with the row that recognises it. Throws Error (kUnsupported) that names the
/// architecture found and those that are known.
std::shared_ptr<const DualEncoder> load_model(const checkpoint::CheckpointFiles& files,
                                              const ModelOptions& options = {});

/// The same on these devices, whatever the options name; further devices have replicas.
std::shared_ptr<const DualEncoder> load_model_on(const std::vector<at::Device>& devices,
                                                 const checkpoint::CheckpointFiles& files,
                                                 const ModelOptions& options = {});

}  // namespace clipclap::model
