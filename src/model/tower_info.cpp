#include "model/tower_info.h"

#include <fmt/format.h>

#include "base/log.h"

namespace clipclap::model {

void describe_pictures(ModelInfo& info, const checkpoint::VisionConfig& config) {
  info.image_size = config.image_size;
  info.patch_size = config.patch_size;
  info.vision_layers = config.transformer.layer_count;
  info.vision_width = config.transformer.hidden_size;
}

void describe_sounds(ModelInfo& info, const checkpoint::HtsatConfig& config) {
  info.audio_layers = config.layer_count();
  info.audio_width = config.output_width();
}

void describe_texts(ModelInfo& info, const checkpoint::TransformerConfig& config) {
  info.text_layers = config.layer_count;
  info.text_width = config.hidden_size;
}

void describe_tensors(ModelInfo& info, const checkpoint::TensorMap& tensors) {
  info.parameters = tensors.parameter_count();
  info.data_type = checkpoint::to_string(tensors.main_type());
}

void warn_of_unused(const checkpoint::TensorMap& tensors, const std::string& name) {
  for (const auto& tensor : tensors.unused()) {
    log_warning(
        fmt::format("{}: tensor \"{}\" is not part of the model and is left out", name, tensor));
  }
}

}  // namespace clipclap::model
