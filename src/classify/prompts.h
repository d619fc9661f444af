// From the user's words to points.
#pragma once

#include <clipclap/categories.h>
#include <clipclap/labels.h>

#include "classify/vocabulary.h"
#include "model/dual_encoder.h"

namespace clipclap::classify {

/// One unit without a name, a point a label. With several templates it is the normalised mean of
/// the label's normalised prompt embeddings (Radford et al. 2021, section 3.1.4).
Vocabulary embed_labels(const model::DualEncoder& encoder, const LabelSet& labels);

/// A point a category, the same mean of its prompts; or, where the set sums prompts, a point each.
Vocabulary embed_categories(const model::DualEncoder& encoder, const CategorySet& set);

/// Either, once they are found valid: categories where there are any. Throws Error
/// (kInvalidArgument).
Vocabulary embed_words(const model::DualEncoder& encoder, const LabelSet& labels,
                       const CategorySet& categories);

}  // namespace clipclap::classify
