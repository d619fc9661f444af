// The four normalization forms of Unicode Standard Annex 15, each result with the changes that led
// to it.
#pragma once

#include <string_view>
#include <vector>

#include "text/normalized_text.h"

namespace clipclap::text {

enum class NormalizationForm { kNfc, kNfd, kNfkc, kNfkd };

/// Characters that came after Unicode 9 are left alone, as the reference's tables do not know them.
std::vector<Change> normalize(std::string_view text, NormalizationForm form);

}  // namespace clipclap::text
