#include "media/orientation.h"

#include <array>

#include <gtest/gtest.h>

namespace clipclap::media {
namespace {

/// Pixels are numbered row by row.
Picture numbered(int width, int height) {
  Picture picture{width, height, 2.0, {}};
  for (int i = 0; i < width * height; ++i) {
    for (int channel = 0; channel < 3; ++channel) {
      picture.rgb.push_back(static_cast<std::uint8_t>(i * 3 + channel));
    }
  }
  return picture;
}

std::vector<int> numbers(const Picture& picture) {
  std::vector<int> result;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    EXPECT_EQ(picture.rgb[i + 1], picture.rgb[i] + 1);
    EXPECT_EQ(picture.rgb[i + 2], picture.rgb[i] + 2);
    result.push_back(picture.rgb[i] / 3);
  }
  return result;
}

TEST(Orientation, EveryExifValue) {
  // 0 1 2
  // 3 4 5
  const std::vector<std::vector<int>> expected{
      {0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0}, {3, 4, 5, 0, 1, 2},
      {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2}, {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3}};
  for (int value = 1; value <= 8; ++value) {
    const Picture result = upright(numbered(3, 2), orientation_from_exif(value));
    const bool turned = value > 4;
    EXPECT_EQ(result.width, turned ? 2 : 3);
    EXPECT_EQ(result.height, turned ? 3 : 2);
    EXPECT_EQ(result.pixel_aspect, turned ? 0.5 : 2.0);
    EXPECT_EQ(numbers(result), expected[static_cast<std::size_t>(value - 1)]) << value;
  }
  for (const int value : {-1, 0, 9, 255}) EXPECT_EQ(orientation_from_exif(value), Orientation{});
}

TEST(Orientation, AnglesBetweenTheQuartersAreTheNearest) {
  // Ten degrees off a quarter turn.
  const std::array<std::int32_t, 9> matrix{-11380, 64540, 0, -64540, -11380, 0, 0, 0, 1 << 30};
  EXPECT_EQ(orientation_from_matrix(matrix), orientation_from_exif(6));
  EXPECT_EQ(orientation_from_matrix(std::array<std::int32_t, 9>{}), Orientation{});
}

TEST(Orientation, LargerThanABlock) {
  const Picture wide{70, 41, 1.0, std::vector<std::uint8_t>(70 * 41 * 3)};
  Picture picture = wide;
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) {
    picture.rgb[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  }
  const auto turn = orientation_from_exif(6);
  Picture turned = picture;
  for (int i = 0; i < 4; ++i) turned = upright(turned, turn);
  EXPECT_EQ(turned.rgb, picture.rgb);
}

}  // namespace
}  // namespace clipclap::media
