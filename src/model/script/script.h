// TorchScript files of any model of two towers: CLIP's forward(image, text), CLAP's forward(audio,
// ids, mask). TorchScript runs code from the file.
#pragma once

#include "model/architectures.h"

namespace clipclap::model {

/// A lone file in PyTorch's zip format that holds code; a state dict does not.
bool recognizes_script(const Checkpoint& checkpoint);

/// Throws Error: kInvalidArgument where no tokenizer is given; kInvalidData where the file cannot
/// be loaded or no input fits, with what was tried; kUnsupported for a precision other than its
/// own.
DualEncoder load_script(const Checkpoint& checkpoint);

}  // namespace clipclap::model
