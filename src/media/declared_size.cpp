#include "media/declared_size.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>

namespace clipclap::media {
namespace {

constexpr std::array<std::uint8_t, 4> kEbmlHeader{0x1A, 0x45, 0xDF, 0xA3};
constexpr std::array<std::uint8_t, 4> kSegment{0x18, 0x53, 0x80, 0x67};
constexpr std::array<std::uint8_t, 4> kRiff{'R', 'I', 'F', 'F'};

using Bytes = std::span<const std::uint8_t>;

bool begins_with(Bytes bytes, const std::array<std::uint8_t, 4>& magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

struct VariableSize {
  std::size_t length;  ///< bytes that the number itself takes
  std::int64_t value;
};

/// EBML's variable-size integer (RFC 8794, section 4); nothing where it is cut, malformed, or all
/// ones, which says "unknown".
std::optional<VariableSize> read_size(Bytes bytes) {
  if (bytes.empty() || bytes[0] == 0) return std::nullopt;
  const auto length = static_cast<std::size_t>(std::countl_zero(bytes[0])) + 1;
  if (bytes.size() < length) return std::nullopt;
  std::uint64_t value = bytes[0] & (0xFFU >> length);
  for (std::size_t i = 1; i < length; ++i) value = (value << 8) | bytes[i];
  const std::uint64_t unknown = (std::uint64_t{1} << (7 * length)) - 1;
  if (value == unknown) return std::nullopt;
  return VariableSize{length, static_cast<std::int64_t>(value)};
}

std::int64_t matroska_size(Bytes head) {
  const auto header = read_size(head.subspan(4));
  if (!header || header->value > std::int64_t{1} << 20) return 0;
  const std::size_t segment = 4 + header->length + static_cast<std::size_t>(header->value);
  if (segment > head.size() || !begins_with(head.subspan(segment), kSegment)) return 0;
  const auto size = read_size(head.subspan(segment + 4));
  if (!size) return 0;
  return static_cast<std::int64_t>(segment + 4 + size->length) + size->value;
}

}  // namespace

std::int64_t declared_size(Bytes head) {
  if (begins_with(head, kEbmlHeader)) return matroska_size(head);
  if (begins_with(head, kRiff) && head.size() >= 8) {
    const std::uint32_t size = head[4] | (std::uint32_t{head[5]} << 8) |
                               (std::uint32_t{head[6]} << 16) | (std::uint32_t{head[7]} << 24);
    // Writers that cannot go back leave 0 or all ones.
    if (size != 0 && size != std::numeric_limits<std::uint32_t>::max())
      return 8 + std::int64_t{size};
  }
  return 0;
}

}  // namespace clipclap::media
