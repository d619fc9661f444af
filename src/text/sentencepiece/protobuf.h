// The wire format of Protocol Buffers, as far as a SentencePiece model needs it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace clipclap::text {

/// One field of a message. What is of another kind than its reader expects is an unknown field, to
/// be skipped, as Protocol Buffers demand.
struct ProtobufField {
  enum class Kind { kVarint, kFixed64, kBytes, kFixed32 };

  std::uint32_t number = 0;
  Kind kind = Kind::kVarint;
  std::uint64_t value = 0;   ///< of a varint or of a fixed one
  std::string_view bytes{};  ///< of kBytes; points into the message

  std::optional<std::string_view> as_bytes() const;
  std::optional<std::int32_t> as_integer() const;
  std::optional<bool> as_boolean() const;
  std::optional<float> as_float() const;
};

/// Walks over the fields of a message, which must outlive it.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  /// Nothing at the end. Throws Error (kInvalidData) without a context where the message is cut
  /// short or is no message at all.
  std::optional<ProtobufField> next();

 private:
  std::uint64_t read_varint();
  std::uint64_t read_fixed(std::size_t size);
  std::string_view take(std::uint64_t size);

  std::string_view rest_;
};

}  // namespace clipclap::text
