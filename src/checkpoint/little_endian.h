// Numbers in files, which lie in whatever place.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

namespace clipclap::checkpoint {

static_assert(std::endian::native == std::endian::little);

/// The number at an offset; nothing where it does not lie inside.
template <typename Number>
std::optional<Number> read_number(std::span<const std::byte> bytes, std::size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Number)) return std::nullopt;
  Number number;
  std::memcpy(&number, bytes.data() + offset, sizeof(Number));
  return number;
}

/// `count` bytes from an offset on; nothing where they do not lie inside.
inline std::optional<std::span<const std::byte>> read_bytes(std::span<const std::byte> bytes,
                                                            std::size_t offset, std::size_t count) {
  if (offset > bytes.size() || bytes.size() - offset < count) return std::nullopt;
  return bytes.subspan(offset, count);
}

}  // namespace clipclap::checkpoint
