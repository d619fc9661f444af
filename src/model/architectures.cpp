#include "model/architectures.h"

#include <string>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/clip_config.h"
#include "model/clip/clip.h"
#include "model/torch_guard.h"

namespace clipclap::model {
namespace {

constexpr Architecture kArchitectures[] = {
    {"clip-hf", "CLIP", "Hugging Face folder (config.json, model.safetensors)", recognizes_clip,
     load_clip},
};

}  // namespace

std::span<const Architecture> architectures() { return kArchitectures; }

std::shared_ptr<const DualEncoder> load_model(const checkpoint::CheckpointFiles& files) {
  const auto origin = files.describe("config.json");
  const auto config = parse_json(files.text("config.json"), origin);
  for (const auto& row : architectures()) {
    if (!row.recognizes(files, config)) continue;
    return with_torch("loading " + files.name(), [&] {
      auto encoder = std::make_shared<DualEncoder>(row.load(files, config));
      encoder->info.name = files.name();
      encoder->info.family = row.family;
      encoder->info.architecture = row.name;
      return encoder;
    });
  }
  std::string known;
  for (const auto& row : architectures()) {
    known += fmt::format("{}{} as {}", known.empty() ? "" : ", ", row.family, row.packaging);
  }
  throw Error(
      ErrorCode::kUnsupported,
      fmt::format("model_type \"{}\" is not an architecture that clipclap knows; it knows {}",
                  checkpoint::read_model_type(config), known),
      origin);
}

}  // namespace clipclap::model
