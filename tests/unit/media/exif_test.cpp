#include "media/exif.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace clipclap::media {
namespace {

using namespace std::string_literals;

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// A little-endian block whose one entry is the orientation.
std::string little_endian_block() {
  return "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"s;
}

TEST(Exif, ReadsBothByteOrders) {
  EXPECT_EQ(exif_orientation(bytes(little_endian_block())), 6);
  EXPECT_EQ(exif_orientation(bytes("Exif\0\0"s + little_endian_block())), 6);
  const std::string big = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0"s;
  EXPECT_EQ(exif_orientation(bytes(big)), 3);
}

TEST(Exif, EveryCutIsPassedOver) {
  const std::string block = "Exif\0\0"s + little_endian_block();
  for (std::size_t size = 0; size < block.size(); ++size) {
    const std::string cut = block.substr(0, size);
    const auto value = exif_orientation(bytes(cut));
    EXPECT_TRUE(!value || *value == 6) << size;
  }
}

TEST(Exif, DamageIsPassedOver) {
  std::string far_directory = little_endian_block();
  far_directory.replace(4, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(exif_orientation(bytes(far_directory)), std::nullopt);
  std::string text_type = little_endian_block();
  text_type[12] = 2;
  EXPECT_EQ(exif_orientation(bytes(text_type)), std::nullopt);
  EXPECT_EQ(exif_orientation({}), std::nullopt);
}

TEST(Xmp, ReadsAttributeAndElement) {
  EXPECT_EQ(xmp_orientation(bytes("<x tiff:Orientation=\"8\"/>")), 8);
  EXPECT_EQ(xmp_orientation(bytes("<tiff:Orientation>5</tiff:Orientation>")), 5);
  EXPECT_EQ(xmp_orientation(bytes("tiff:Orientation tiff:Orientation=\"")), std::nullopt);
  EXPECT_EQ(xmp_orientation({}), std::nullopt);
}

}  // namespace
}  // namespace clipclap::media
