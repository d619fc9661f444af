#include "model/embedded_model.h"

#include <cstddef>

#include "demo_audio_model_symbols.inc"
#include "demo_model_symbols.inc"

namespace clipclap::model {
namespace {

using checkpoint::CheckpointFiles;

CheckpointFiles demo_model() {
  return CheckpointFiles::embedded("embedded demo model", {
#include "demo_model_entries.inc"
                                                          });
}

CheckpointFiles demo_audio_model() {
  return CheckpointFiles::embedded("embedded demo model for sound", {
#include "demo_audio_model_entries.inc"
                                                                    });
}

constexpr EmbeddedModel kModels[] = {
    {"embedded:demo", demo_model},
    {"embedded:demo-audio", demo_audio_model},
};

}  // namespace

std::span<const EmbeddedModel> embedded_models() { return kModels; }

CheckpointFiles open_files(const std::string& model) {
  for (const auto& row : kModels) {
    if (model.empty() || model == row.name) return row.files();
  }
  return CheckpointFiles::open(model);
}

}  // namespace clipclap::model
