// Microsoft's CLAP as the package msclap keeps it (msclap 1.3.4, models/clap.py): the .pth file
// itself, or a folder that tools/convert_msclap.py made of it.
#pragma once

#include "model/architectures.h"

namespace clipclap::model {

/// A folder whose config says so, or a lone state dict with the towers of 2022 or 2023. Throws what
/// parse_state_dict throws for a lone file that is none.
bool recognizes_msclap(const Checkpoint& checkpoint);

/// A lone file takes the tokenizer that is named with it, or the tokenizer.json beside it.
DualEncoder load_msclap(const Checkpoint& checkpoint);

}  // namespace clipclap::model
