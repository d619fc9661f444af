#pragma once

#include <string>

namespace clipclap::text {

/// One extended grapheme cluster (Unicode Standard Annex 29, table 1c, without conjunct clusters),
/// spelled out for PCRE2: its own \X, as of 10.42, joins pictographs that stand side by side.
std::string grapheme_expression();

}  // namespace clipclap::text
