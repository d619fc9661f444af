// SigLIP and SigLIP 2 as Hugging Face's SiglipModel and Siglip2Model store them (transformers,
// models/siglip/modeling_siglip.py, models/siglip2/modeling_siglip2.py). Checkpoints of SigLIP 2 at
// a fixed resolution are of the first kind; the second is NaFlex.
#pragma once

#include "model/architectures.h"

namespace clipclap::model {

bool recognizes_siglip(const Checkpoint& checkpoint);
bool recognizes_siglip_naflex(const Checkpoint& checkpoint);
DualEncoder load_siglip(const Checkpoint& checkpoint);

}  // namespace clipclap::model
