// Loading TorchScript, and what its failures say.
#pragma once

#include <exception>
#include <string>

#include <ATen/core/Tensor.h>
#include <torch/script.h>

namespace clipclap::model {

/// The module, ready for inference. Throws Error (kInvalidData) for what is no TorchScript.
torch::jit::Module load_script(const std::string& path, at::Device device);

/// The line that tells what was wrong: TorchScript ends its traces with it.
std::string last_line(const std::exception& failure);

}  // namespace clipclap::model
