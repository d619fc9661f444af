// Extended grapheme clusters of Unicode Standard Annex 29.
#pragma once

#include <cstddef>
#include <string_view>

namespace clipclap::text {

/// Where the cluster that begins at `begin` ends. `begin` is inside the text and a cluster's start.
/// Conjunct clusters of Indic scripts (rule GB9c, new in Unicode 15.1) are left apart.
std::size_t find_grapheme_end(std::string_view text, std::size_t begin);

}  // namespace clipclap::text
