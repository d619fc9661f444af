// Text on a terminal: how wide it stands there, and how it is made to fit.
#pragma once

#include <string>
#include <string_view>

namespace clipclap::output {

/// The text as a terminal may have it: one line of valid UTF-8. Bytes that are not UTF-8, control
/// characters and marks that turn the writing direction become U+FFFD: a file name must not be
/// able to move the cursor.
std::string printable(std::string_view text);

/// Columns that printable text takes: 2 for wide characters (CJK, emoji), 0 for combining ones.
int display_width(std::string_view text);

/// The text cut to `width` columns, with "…" where something was cut.
std::string fit_start(std::string_view text, int width);  ///< keeps the start: "a long la…"
std::string fit_end(std::string_view text, int width);    ///< keeps the end: "…folder/clip.mp4"

/// Seconds as M:SS.mmm with two digits of minutes, with hours in front only when there are some:
/// "00:01.400", "1:00:01.400".
std::string clock_text(double seconds);

}  // namespace clipclap::output
