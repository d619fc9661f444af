// open_clip's cleaning of texts, by name (open_clip 3, tokenizer.py, get_clean_fn).
#pragma once

#include <string>
#include <string_view>

namespace clipclap::text {

using Cleaning = std::string (*)(std::string_view text);

/// "lower", "whitespace" or "canonicalize": each after ftfy's fixes (cleaning/ftfy.h) and HTML's
/// character references resolved twice. Throws Error (kUnsupported) for another name.
Cleaning find_cleaning(std::string_view name);

}  // namespace clipclap::text
