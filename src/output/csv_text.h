// CSV as RFC 4180 has it: fields with commas, quotes or line breaks in quotes, lines end with CRLF.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace clipclap::output {

/// Fields, put one behind the other; bytes that are not UTF-8 become U+FFFD. Numbers as JSON has
/// them and finite.
class CsvLine {
 public:
  CsvLine() = default;
  CsvLine(std::initializer_list<std::string_view> fields);

  CsvLine& add(std::string_view field);
  CsvLine& add_number(float value);
  CsvLine& add_seconds(double value);
  CsvLine& add_whole(long value);

  /// The line with its end. Nothing may be added behind it.
  std::string text() &&;

 private:
  void separate();

  std::string text_;
  bool is_first_ = true;
};

}  // namespace clipclap::output
