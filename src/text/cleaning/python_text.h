// Strings as Python 3.11's `str` sees them. Its tables are of Unicode 14: characters that came
// later have no case and no classes there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clipclap::text {

/// str.isspace() of one character, which is also what `re` takes for \s.
bool is_python_space(char32_t c);

/// str.split(): the words between white space. They point into `text`.
std::vector<std::string_view> python_split(std::string_view text);

/// str.strip()
std::string_view python_strip(std::string_view text);

/// str.lower(): whole strings, for a capital sigma at the end of a word becomes another letter than
/// one inside it.
std::string python_lower(std::string_view text);

/// str.upper()
std::string python_upper(std::string_view text);

/// str.lower() of each character alone.
std::string python_lower_each(std::string_view text);

/// unicodedata.normalize("NFC", …)
std::string python_nfc(std::string_view text);

/// str.isdecimal() of one character, which is also what `re` takes for \d.
bool is_python_digit(char32_t c);

/// string.punctuation
bool is_python_punctuation(char32_t c);

}  // namespace clipclap::text
