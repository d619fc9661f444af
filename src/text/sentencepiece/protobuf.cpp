#include "text/sentencepiece/protobuf.h"

#include <bit>

#include <clipclap/error.h>

namespace clipclap::text {
namespace {

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorCode::kInvalidData,
              std::string("is not a SentencePiece model: ") + what + "; fetch the file again");
}

}  // namespace

std::optional<std::string_view> ProtobufField::as_bytes() const {
  if (kind != Kind::kBytes) return std::nullopt;
  return bytes;
}

std::optional<std::int32_t> ProtobufField::as_integer() const {
  if (kind != Kind::kVarint) return std::nullopt;
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

std::optional<bool> ProtobufField::as_boolean() const {
  if (kind != Kind::kVarint) return std::nullopt;
  return value != 0;
}

std::optional<float> ProtobufField::as_float() const {
  if (kind != Kind::kFixed32) return std::nullopt;
  return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

std::optional<ProtobufField> ProtobufReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t tag = read_varint();
  ProtobufField field;
  field.number = static_cast<std::uint32_t>(tag >> 3);
  constexpr std::uint64_t kLargestNumber = (std::uint64_t{1} << 29) - 1;
  if (tag >> 3 == 0 || tag >> 3 > kLargestNumber) fail("a field has no number");
  switch (tag & 7) {
    case 0:
      field.kind = ProtobufField::Kind::kVarint;
      field.value = read_varint();
      break;
    case 1:
      field.kind = ProtobufField::Kind::kFixed64;
      field.value = read_fixed(8);
      break;
    case 2:
      field.kind = ProtobufField::Kind::kBytes;
      field.bytes = take(read_varint());
      break;
    case 5:
      field.kind = ProtobufField::Kind::kFixed32;
      field.value = read_fixed(4);
      break;
    default:
      fail("a field is of an unknown kind");
  }
  return field;
}

std::uint64_t ProtobufReader::read_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  fail("a number is too long");
}

std::uint64_t ProtobufReader::read_fixed(std::size_t size) {
  std::uint64_t value = 0;
  unsigned shift = 0;
  for (const char byte : take(size)) {
    value |= std::uint64_t{static_cast<unsigned char>(byte)} << shift;
    shift += 8;
  }
  return value;
}

std::string_view ProtobufReader::take(std::uint64_t size) {
  if (size > rest_.size()) fail("it is cut short");
  const auto taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

}  // namespace clipclap::text
