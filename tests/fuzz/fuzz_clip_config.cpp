// Any bytes as one of the JSON files beside the weights are either refused with an Error or give
// values that a tower can be built from.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <clipclap/error.h>

#include "base/json.h"
#include "checkpoint/clip_config.h"
#include "checkpoint/preprocessing_config.h"
#include "checkpoint/safetensors.h"

namespace {

using namespace clipclap;
using checkpoint::CheckpointFiles;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

template <class Call>
void attempt(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    require(error.code() != ErrorCode::kInternal && !error.message().empty() &&
            !error.context().empty());
  }
}

void check_transformer(const checkpoint::TransformerConfig& config) {
  require(config.hidden_size > 0 && config.intermediate_size > 0 && config.layer_count > 0);
  require(config.head_count > 0 && config.hidden_size % config.head_count == 0);
  require(std::isfinite(config.layer_norm_eps) && config.layer_norm_eps >= 0);
}

void parse_config(std::string_view text) {
  const auto json = parse_json(text, "input");
  checkpoint::read_model_type(json);
  const auto config = checkpoint::parse_clip_config(json, "input");
  check_transformer(config.vision.transformer);
  check_transformer(config.text.transformer);
  require(config.vision.patch_size > 0 && config.vision.patch_size <= config.vision.image_size);
  require(config.text.vocabulary_size > 0 && config.text.position_count > 0);
  require(config.projection_dim > 0);
}

void parse_preprocessing(const CheckpointFiles& files) {
  const auto result = checkpoint::parse_preprocessing(files, 224);
  require(std::isfinite(result.rescale));
  for (std::size_t i = 0; i < 3; ++i) {
    require(std::isfinite(result.mean[i]) && std::isfinite(result.std[i]) && result.std[i] != 0);
  }
  if (result.resize != media::Preprocessing::Resize::kNone) {
    require(result.resize_height > 0 && result.resize_width > 0);
  }
  if (result.center_crop) require(result.crop_height == 224 && result.crop_width == 224);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  attempt([&] { parse_config({reinterpret_cast<const char*>(data), size}); });
  for (const auto* name : {"preprocessor_config.json", "processor_config.json"}) {
    attempt([&] { parse_preprocessing(CheckpointFiles::embedded("folder", {{name, input}})); });
  }
  attempt([&] {
    const auto name = "model.safetensors.index.json";
    checkpoint::TensorMap tensors(CheckpointFiles::embedded("folder", {{name, input}}));
  });
  return 0;
}
