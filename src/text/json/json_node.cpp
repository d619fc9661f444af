#include "text/json/json_node.h"

#include <fmt/format.h>

namespace clipclap::text {

JsonNode JsonNode::child(const Json& value, std::string path) const {
  return {value, *origin_, std::move(path)};
}

void JsonNode::fail(ErrorCode code, const std::string& message) const {
  throw Error(code, message, path_.empty() ? *origin_ : fmt::format("{}: {}", *origin_, path_));
}

void JsonNode::fail_at(std::string_view key, ErrorCode code, const std::string& message) const {
  child(*value_, fmt::format("{}{}{}", path_, path_.empty() ? "" : ".", key)).fail(code, message);
}

const Json& JsonNode::expect(bool is_right, std::string_view what) const {
  if (!is_right) {
    fail(ErrorCode::kInvalidData,
         fmt::format("should be {} but is {} {}", what,
                     value_->is_array() || value_->is_object() ? "an" : "a", value_->type_name()));
  }
  return *value_;
}

JsonNode JsonNode::at(std::string_view key) const {
  const Json& object = expect(value_->is_object(), "an object");
  const auto member = object.find(key);
  if (member == object.end()) {
    fail(ErrorCode::kInvalidData, fmt::format("the key \"{}\" is missing", key));
  }
  return child(*member, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key));
}

std::optional<JsonNode> JsonNode::find(std::string_view key) const {
  const Json& object = expect(value_->is_object(), "an object");
  const auto member = object.find(key);
  if (member == object.end() || member->is_null()) return std::nullopt;
  return at(key);
}

std::vector<JsonNode> JsonNode::elements() const {
  std::vector<JsonNode> result;
  std::size_t index = 0;
  for (const Json& element : expect(value_->is_array(), "an array")) {
    result.push_back(child(element, fmt::format("{}[{}]", path_, index++)));
  }
  return result;
}

std::vector<std::pair<std::string_view, JsonNode>> JsonNode::members() const {
  std::vector<std::pair<std::string_view, JsonNode>> result;
  for (const auto& [key, value] : expect(value_->is_object(), "an object").items()) {
    result.emplace_back(key, child(value, fmt::format("{}.{}", path_, key)));
  }
  return result;
}

const std::string& JsonNode::string() const {
  return expect(value_->is_string(), "a string").get_ref<const std::string&>();
}

bool JsonNode::boolean() const { return expect(value_->is_boolean(), "true or false").get<bool>(); }

std::size_t JsonNode::size(std::size_t most) const {
  const auto value =
      expect(value_->is_number_unsigned(), "a whole number, not negative,").get<std::uint64_t>();
  if (value > most) {
    fail(ErrorCode::kInvalidData, fmt::format("is {}, but may be {} at most", value, most));
  }
  return value;
}

std::uint32_t JsonNode::id() const { return static_cast<std::uint32_t>(size(0xFFFFFFFE)); }

}  // namespace clipclap::text
