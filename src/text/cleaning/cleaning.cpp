#include "text/cleaning/cleaning.h"

#include <fmt/format.h>

#include <clipclap/error.h>

#include "text/cleaning/ftfy.h"
#include "text/cleaning/html_entities.h"
#include "text/cleaning/python_text.h"

namespace clipclap::text {
namespace {

std::string clean_basic(std::string_view text) {
  return std::string(python_strip(html_unescape(html_unescape(fix_text(text)))));
}

std::string join_words(std::string_view text) {
  return fmt::format("{}", fmt::join(python_split(text), " "));
}

std::string clean_white_space(std::string_view text) { return join_words(clean_basic(text)); }

std::string clean_lower(std::string_view text) { return python_lower(clean_white_space(text)); }

std::string clean_canonicalize(std::string_view text) {
  std::string kept;
  for (const char c : clean_basic(text)) {
    if (c == '_') {
      kept += ' ';
    } else if (!is_python_punctuation(static_cast<unsigned char>(c))) {
      kept += c;
    }
  }
  return join_words(python_lower(kept));
}

struct Row {
  std::string_view name;
  Cleaning clean;
};

constexpr Row kRows[] = {
    {"lower", clean_lower},
    {"whitespace", clean_white_space},
    {"canonicalize", clean_canonicalize},
};

}  // namespace

Cleaning find_cleaning(std::string_view name) {
  std::string known;
  for (const auto& row : kRows) {
    if (row.name == name) return row.clean;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", row.name);
  }
  throw Error(ErrorCode::kUnsupported,
              fmt::format("the cleaning \"{}\" is not known; known are {}", name, known));
}

}  // namespace clipclap::text
