// CLAP as Hugging Face's ClapModel stores it (transformers, models/clap/modeling_clap.py).
#pragma once

#include "model/architectures.h"

namespace clipclap::model {

bool recognizes_clap(const Checkpoint& checkpoint);
DualEncoder load_clap(const Checkpoint& checkpoint);

}  // namespace clipclap::model
