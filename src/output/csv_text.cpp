#include "output/csv_text.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "output/json_text.h"

namespace clipclap::output {

CsvLine::CsvLine(std::initializer_list<std::string_view> fields) {
  for (const auto field : fields) add(field);
}

CsvLine& CsvLine::add(std::string_view field) {
  separate();
  const auto valid = replace_invalid_utf8(field);
  if (valid.find_first_of(",\"\r\n") == std::string::npos) {
    text_ += valid;
    return *this;
  }
  text_ += '"';
  for (const char character : valid) {
    if (character == '"') text_ += '"';
    text_ += character;
  }
  text_ += '"';
  return *this;
}

CsvLine& CsvLine::add_number(float value) {
  separate();
  append_json_number(text_, value);
  return *this;
}

CsvLine& CsvLine::add_seconds(double value) {
  separate();
  append_json_seconds(text_, value);
  return *this;
}

CsvLine& CsvLine::add_whole(long value) {
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

std::string CsvLine::text() && {
  text_ += "\r\n";
  return std::move(text_);
}

void CsvLine::separate() {
  if (!std::exchange(is_first_, false)) text_ += ',';
}

}  // namespace clipclap::output
