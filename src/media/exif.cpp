#include "media/exif.h"

#include <array>
#include <string_view>

namespace clipclap::media {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Numbers at offsets into a TIFF structure; nothing beyond its end.
class TiffBytes {
 public:
  TiffBytes(Bytes bytes, bool little_endian) : bytes_(bytes), little_endian_(little_endian) {}

  std::optional<std::uint64_t> number(std::uint64_t offset, std::uint64_t length) const {
    if (offset > bytes_.size() || bytes_.size() - offset < length) return std::nullopt;
    std::uint64_t value = 0;
    for (std::uint64_t i = 0; i < length; ++i) {
      const std::uint64_t position = little_endian_ ? offset + length - 1 - i : offset + i;
      value = (value << 8) | bytes_[position];
    }
    return value;
  }

 private:
  Bytes bytes_;
  bool little_endian_;
};

/// TIFF's field types that hold whole numbers (TIFF 6.0, section 2): type, bytes.
std::uint64_t bytes_of_type(std::uint64_t type) {
  constexpr std::uint64_t kByte = 1;
  constexpr std::uint64_t kShort = 3;
  constexpr std::uint64_t kLong = 4;
  return type == kByte ? 1 : type == kShort ? 2 : type == kLong ? 4 : 0;
}

}  // namespace

std::optional<int> exif_orientation(Bytes block) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  constexpr std::uint64_t kOrientation = 0x0112;
  constexpr std::uint64_t kEntryBytes = 12;
  while (as_text(block).starts_with(kPrefix)) block = block.subspan(kPrefix.size());
  const std::string_view order = as_text(block).substr(0, 2);
  if (order != "II" && order != "MM") return std::nullopt;
  const TiffBytes tiff(block, order == "II");
  if (tiff.number(2, 2) != 42) return std::nullopt;
  const auto directory = tiff.number(4, 4);
  if (!directory) return std::nullopt;
  const auto entries = tiff.number(*directory, 2);
  if (!entries) return std::nullopt;
  for (std::uint64_t i = 0; i < *entries; ++i) {
    const std::uint64_t entry = *directory + 2 + i * kEntryBytes;
    const auto tag = tiff.number(entry, 2);
    if (!tag) return std::nullopt;
    if (*tag != kOrientation) continue;
    const auto type = tiff.number(entry + 2, 2);
    const std::uint64_t length = type ? bytes_of_type(*type) : 0;
    const auto value = length > 0 ? tiff.number(entry + 8, length) : std::nullopt;
    if (!value || *value > 255) return std::nullopt;
    return static_cast<int>(*value);
  }
  return std::nullopt;
}

std::optional<int> xmp_orientation(Bytes packet) {
  constexpr std::string_view kName = "tiff:Orientation";
  const std::string_view text = as_text(packet);
  for (std::size_t at = text.find(kName); at != std::string_view::npos;
       at = text.find(kName, at + 1)) {
    std::string_view rest = text.substr(at + kName.size());
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with('>')) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') return rest[0] - '0';
  }
  return std::nullopt;
}

}  // namespace clipclap::media
