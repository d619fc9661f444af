// From the dialect of Oniguruma (ONIG_SYNTAX_ONIGURUMA, Unicode 16) to the one of PCRE2.
#pragma once

#include <string>
#include <string_view>

namespace clipclap::text {

/// The expression for PCRE2 with PCRE2_UTF, PCRE2_UCP and PCRE2_MULTILINE that matches what
/// `pattern` (well-formed UTF-8) matches in Oniguruma. What differs and is taken care of: the sets
/// behind \s, \w, \d, \h, \b, \v, properties and POSIX brackets; nested classes and `&&`; the reach
/// of "(?i)"; "(?m)"; doubled quantifiers; "{,n}"; escapes; \X. Not taken care of: that Oniguruma
/// matches one letter with several when it ignores case ("ß" with "ss").
/// Throws Error: kInvalidData for what is no expression, kUnsupported for constructs that PCRE2 has
/// no equal for (absent groups, callouts, conditions, text segment borders).
std::string translate_oniguruma(std::string_view pattern);

}  // namespace clipclap::text
