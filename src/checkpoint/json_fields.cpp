#include "checkpoint/json_fields.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "checkpoint/quote.h"

namespace clipclap::checkpoint {

JsonFields::JsonFields(const Json& object, std::string origin, std::string prefix)
    : object_(&object), origin_(std::move(origin)), prefix_(std::move(prefix)) {
  if (object.is_object()) return;
  const auto path = prefix_.empty() ? prefix_ : prefix_.substr(0, prefix_.size() - 1);
  throw Error(ErrorCode::kInvalidData, fmt::format("is {}, not an object", describe_value(object)),
              path.empty() ? origin_ : fmt::format("{}: {}", origin_, path));
}

const Json* JsonFields::find(std::string_view key) const {
  const auto found = object_->find(key);
  return found == object_->end() ? nullptr : &*found;
}

const Json* JsonFields::find_given(std::string_view key) const {
  const auto* value = find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

JsonFields JsonFields::below(std::string_view key) const {
  static const Json kNothing = Json::object();
  const auto* value = find_given(key);
  return JsonFields(value == nullptr ? kNothing : *value, origin_,
                    fmt::format("{}{}.", prefix_, key));
}

void JsonFields::allow_only(std::span<const std::string_view> keys) const {
  for (const auto& [key, value] : object_->items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    refuse(key, "is not a known key; what it would change is not known either",
           ErrorCode::kUnsupported);
  }
}

int JsonFields::integer(std::string_view key, int fallback, int smallest, int largest) const {
  const auto* value = find(key);
  return value == nullptr ? fallback : as_integer(key, *value, smallest, largest);
}

int JsonFields::as_integer(std::string_view key, const Json& value, int smallest,
                           int largest) const {
  if (!value.is_number_integer()) {
    refuse(key, fmt::format("is {}, not a whole number", describe_value(value)));
  }
  // What lies above the signed range must not wrap into it.
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)
                        : true;
  const auto number = fits ? value.get<std::int64_t>() : INT64_MAX;
  if (number < smallest || number > largest) {
    refuse(key, fmt::format("is {}, but must be from {} to {}", describe_value(value), smallest,
                            largest));
  }
  return static_cast<int>(number);
}

double JsonFields::number(std::string_view key, double fallback) const {
  const auto* value = find(key);
  return value == nullptr ? fallback : as_number(key, *value);
}

double JsonFields::as_number(std::string_view key, const Json& value) const {
  if (!value.is_number()) {
    refuse(key, fmt::format("is {}, not a number", describe_value(value)));
  }
  return value.get<double>();
}

std::string JsonFields::string(std::string_view key, std::string_view fallback) const {
  const auto* value = find(key);
  if (value == nullptr) return std::string(fallback);
  if (!value->is_string()) {
    refuse(key, fmt::format("is {}, not a string", describe_value(*value)));
  }
  return value->get<std::string>();
}

bool JsonFields::boolean(std::string_view key, bool fallback) const {
  const auto* value = find(key);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  return as_integer(key, *value, 0, 1) == 1;
}

std::string JsonFields::place(std::string_view key) const {
  return fmt::format("{}: {}{}", origin_, prefix_, key);
}

void JsonFields::refuse(std::string_view key, const std::string& message, ErrorCode code) const {
  throw Error(code, message, place(key));
}

std::string describe_value(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_string()) return quote(value.get_ref<const std::string&>());
  return value.dump();
}

}  // namespace clipclap::checkpoint
