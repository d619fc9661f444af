// Weights as torch.save writes them.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "checkpoint/safetensors.h"

namespace clipclap::checkpoint {

/// Reads what torch.save wrote of a state dict, in the zip format of PyTorch 1.6 and later. A
/// checkpoint of a training run that holds the state dict as `model` or `state_dict` is looked
/// into, and a prefix "module." that all names have is dropped. Nothing of the file is ever
/// executed: a pickle that names anything but tensors and plain containers is refused. Throws
/// Error: kInvalidData for what is broken, kUnsupported for a pickle with code and for what only
/// Python can read.
TensorViews parse_state_dict(std::span<const std::byte> bytes, const std::string& origin);

}  // namespace clipclap::checkpoint
