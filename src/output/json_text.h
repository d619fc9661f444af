// JSON text by hand: the order of keys and the digits of numbers are part of the format.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace clipclap::output {

/// Appends a quoted string; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& json, std::string_view text);

/// Appends the fewest digits that read back as the same float. `value` must be finite.
void append_json_number(std::string& json, float value);

/// Appends seconds with exactly six decimals. `value` must be finite.
void append_json_seconds(std::string& json, double value);

/// Appends an array of such floats.
void append_json_array(std::string& json, std::span<const float> values);

}  // namespace clipclap::output
