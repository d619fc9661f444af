// Character references of HTML: "&amp;", "&#39;", "&hellip;".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clipclap::text {

/// What a name of the HTML standard stands for. Names end in ";" but for the old ones that may
/// stand without it: "amp;" and "amp".
std::optional<std::string> find_html_entity(std::string_view name);

/// html.unescape() of Python: names with and without ";" and numbers, as browsers read them.
std::string html_unescape(std::string_view text);

/// What a control character U+0080 … U+009F means in Windows-1252; itself where nothing.
char32_t from_windows_1252(char32_t control);

}  // namespace clipclap::text
