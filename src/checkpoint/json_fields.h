// Typed access to the fields of a JSON object, with errors that name file and key.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <clipclap/error.h>

#include "base/json.h"

namespace clipclap::checkpoint {

/// Views an object that must outlive it. Every function throws Error (kInvalidData) where a field
/// is there and not of the kind asked for; null is such a field.
class JsonFields {
 public:
  /// `origin` is the file's name; `prefix` is the path of keys to the object, "vision_config.".
  JsonFields(const Json& object, std::string origin, std::string prefix = {});

  /// Nothing where the key is absent.
  const Json* find(std::string_view key) const;
  /// Nothing where the key is absent or null.
  const Json* find_given(std::string_view key) const;

  /// The object of a key; one without fields where the key is absent or null.
  JsonFields below(std::string_view key) const;

  /// Throws Error (kUnsupported) that names the first key which is not among those.
  void allow_only(std::span<const std::string_view> keys) const;

  /// A whole number from `smallest` to `largest`; 2.0 is none.
  int integer(std::string_view key, int fallback, int smallest, int largest) const;
  double number(std::string_view key, double fallback) const;
  std::string string(std::string_view key, std::string_view fallback) const;
  /// true, false, 0 or 1.
  bool boolean(std::string_view key, bool fallback) const;

  /// An element of a field that the caller found itself, as `integer` reads one.
  int as_integer(std::string_view key, const Json& value, int smallest, int largest) const;
  double as_number(std::string_view key, const Json& value) const;

  /// "config.json: vision_config.hidden_size".
  std::string place(std::string_view key) const;
  [[noreturn]] void refuse(std::string_view key, const std::string& message,
                           ErrorCode code = ErrorCode::kInvalidData) const;

 private:
  const Json* object_;
  std::string origin_;
  std::string prefix_;
};

/// A value as a message shows it: its JSON where that is short, else its kind.
std::string describe_value(const Json& value);

}  // namespace clipclap::checkpoint
