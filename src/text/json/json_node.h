// A value inside a JSON file together with its place, so that every error can name it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <clipclap/error.h>

#include "base/json.h"

namespace clipclap::text {

/// Refers to a document that outlives it. Every function that finds something else than it is
/// asked for throws Error (kInvalidData) with the file and the path of the value.
class JsonNode {
 public:
  /// `path` is the value's place in the document; empty for the document itself.
  JsonNode(const Json& value, const std::string& origin, std::string path = {})
      : value_(&value), origin_(&origin), path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  /// A member of this object; an error where it is missing.
  JsonNode at(std::string_view key) const;
  /// A member of this object; nothing where it is missing or null.
  std::optional<JsonNode> find(std::string_view key) const;
  /// The elements of this array.
  std::vector<JsonNode> elements() const;
  /// The members of this object.
  std::vector<std::pair<std::string_view, JsonNode>> members() const;

  bool is_object() const { return value_->is_object(); }
  bool is_null() const { return value_->is_null(); }
  bool is_string() const { return value_->is_string(); }
  bool is_zero() const { return value_->is_number() && value_->get<double>() == 0; }
  const std::string& string() const;
  bool boolean() const;
  /// A whole number from 0 to 2^32 - 2.
  std::uint32_t id() const;
  /// A whole number from 0 to `most`.
  std::size_t size(std::size_t most = std::size_t{1} << 62) const;

  [[noreturn]] void fail(ErrorCode code, const std::string& message) const;
  /// The same for a member that the document does not hold itself.
  [[noreturn]] void fail_at(std::string_view key, ErrorCode code, const std::string& message) const;

 private:
  JsonNode child(const Json& value, std::string path) const;
  const Json& expect(bool is_right, std::string_view what) const;

  const Json* value_;
  const std::string* origin_;
  std::string path_;
};

}  // namespace clipclap::text
