// Changes that several normalizers share.
#pragma once

#include "text/normalized_text.h"

namespace clipclap::text {

/// Makes every code point lower-case on its own: a final sigma is not seen.
void lowercase(NormalizedText& text);

}  // namespace clipclap::text
