// From the user's words to one point a label.
#pragma once

#include <ATen/core/Tensor.h>

#include <clipclap/labels.h>

#include "model/dual_encoder.h"

namespace clipclap::classify {

/// [labels, dimension], rows of length 1. With several templates a row is the normalised mean of
/// the label's normalised prompt embeddings (Radford et al. 2021, section 3.1.4).
at::Tensor embed_labels(const model::DualEncoder& encoder, const LabelSet& labels);

}  // namespace clipclap::classify
