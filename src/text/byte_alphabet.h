// The alphabet of byte-level models: each byte as one visible character (GPT-2, encoder.py,
// bytes_to_unicode).
#pragma once

#include "text/normalized_text.h"

namespace clipclap::text {

/// The character that stands for `byte`.
char32_t byte_character(unsigned char byte);

/// Writes every byte of the text's UTF-8 as its character.
void spell_bytes(NormalizedText& text);

}  // namespace clipclap::text
