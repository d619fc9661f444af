#include "media/preprocessing.h"

#include <limits>

#include <gtest/gtest.h>

#include <clipclap/error.h>

namespace clipclap::media {
namespace {

Picture flat(int width, int height, std::uint8_t value = 77) {
  const auto size = 3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  return {width, height, 1.0, std::vector<std::uint8_t>(size, value)};
}

TEST(Prepare, AFlatPictureStaysFlat) {
  for (int filter = 0; filter <= 5; ++filter) {
    for (const auto& [width, height] : {std::pair{1, 1}, {640, 3}, {3, 640}, {223, 225}}) {
      Preprocessing order;
      order.filter = static_cast<Filter>(filter);
      const Picture result = prepare(flat(width, height), order);
      EXPECT_EQ(result.width, 224);
      EXPECT_EQ(result.height, 224);
      EXPECT_EQ(result.rgb, flat(224, 224).rgb) << filter << " " << width << " x " << height;
    }
  }
}

TEST(Prepare, ACropLargerThanThePictureIsPaddedWithZeros) {
  Preprocessing order;
  order.resize = Preprocessing::Resize::kNone;
  order.crop_width = 5;
  order.crop_height = 4;
  const Picture result = prepare(flat(2, 1, 9), order);
  std::vector<int> reds;
  for (std::size_t i = 0; i < result.rgb.size(); i += 3) reds.push_back(result.rgb[i]);
  EXPECT_EQ(reds, (std::vector<int>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0}));
}

TEST(Prepare, RefusesPicturesAndOrdersThatCannotBe) {
  EXPECT_THROW(prepare(Picture{}, {}), Error);
  EXPECT_THROW(prepare(flat(0, 5), {}), Error);
  Picture short_of_pixels = flat(4, 4);
  short_of_pixels.rgb.pop_back();
  EXPECT_THROW(prepare(short_of_pixels, {}), Error);
  for (const double aspect : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity()}) {
    Picture picture = flat(4, 4);
    picture.pixel_aspect = aspect;
    EXPECT_THROW(prepare(picture, {}), Error) << aspect;
  }
  Preprocessing order;
  order.resize_height = 0;
  EXPECT_THROW(prepare(flat(4, 4), order), Error);
  order.resize_height = 224;
  order.crop_width = -1;
  EXPECT_THROW(prepare(flat(4, 4), order), Error);
  order.crop_width = 224;
  order.filter = static_cast<Filter>(6);
  EXPECT_THROW(prepare(flat(4, 4), order), Error);
}

TEST(Prepare, RefusesResultsTooLargeToBeMeant) {
  Preprocessing order;
  order.center_crop = false;
  EXPECT_THROW(prepare(flat(20000, 1), order), Error);
  Picture sliver = flat(2, 2);
  sliver.pixel_aspect = 1e12;
  EXPECT_THROW(prepare(sliver, order), Error);
}

}  // namespace
}  // namespace clipclap::media
