// What loaders say of a checkpoint.
#pragma once

#include <string>

#include <clipclap/model.h>

#include "checkpoint/htsat_config.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/towers_config.h"

namespace clipclap::model {

void describe_pictures(ModelInfo& info, const checkpoint::VisionConfig& config);
void describe_sounds(ModelInfo& info, const checkpoint::HtsatConfig& config);
void describe_texts(ModelInfo& info, const checkpoint::TransformerConfig& config);
/// Parameters and stored type.
void describe_tensors(ModelInfo& info, const checkpoint::TensorMap& tensors);

/// One warning for each tensor that nobody took.
void warn_of_unused(const checkpoint::TensorMap& tensors, const std::string& name);

}  // namespace clipclap::model
