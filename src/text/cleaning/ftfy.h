// What ftfy does to text that is well-formed.
#pragma once

#include <string>
#include <string_view>

namespace clipclap::text {

/// fix_text() of ftfy 6.3 with its defaults (fixes.py, chardata.py): HTML's character references in
/// lines that hold no "<", control characters that Windows-1252 gives a meaning, ligatures, widths,
/// curly quotes, line breaks, terminals' escapes, control characters, NFC, again and again until
/// nothing changes.
///
/// Left out: ftfy's repair of mojibake, text that was decoded by the wrong table ("Ã©" for "é"). It
/// guesses, and what reaches a program as UTF-8 seldom needs it.
std::string fix_text(std::string_view text);

}  // namespace clipclap::text
