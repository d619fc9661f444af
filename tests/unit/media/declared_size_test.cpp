#include "media/declared_size.h"

#include <string>

#include <gtest/gtest.h>

namespace clipclap::media {
namespace {

using namespace std::string_literals;

std::int64_t size_of_text(const std::string& text) {
  return declared_size({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST(DeclaredSize, Riff) {
  EXPECT_EQ(size_of_text("RIFF\x10\x01\0\0AVI "s), 0x110 + 8);
  EXPECT_EQ(size_of_text("RIFF\xff\xff\xff\xff"
                         "AVI "s),
            0);
  EXPECT_EQ(size_of_text("RIFF\0\0\0\0AVI "s), 0);
}

TEST(DeclaredSize, Matroska) {
  const std::string header = "\x1A\x45\xDF\xA3\x82zz\x18\x53\x80\x67"s;
  EXPECT_EQ(size_of_text(header + "\x85"s), 12 + 5);
  EXPECT_EQ(size_of_text(header + "\x01\0\0\0\0\0\x01\0"s), 19 + 256);
  EXPECT_EQ(size_of_text(header + "\x01\xff\xff\xff\xff\xff\xff\xff"s), 0);
  EXPECT_EQ(size_of_text(header + "\xff"s), 0);
}

TEST(DeclaredSize, CutAndForeignHeads) {
  const std::string whole = "\x1A\x45\xDF\xA3\x82zz\x18\x53\x80\x67\x01\0\0\0\0\0\x01\0"s;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(size_of_text(whole.substr(0, size)), 0) << size;
  }
  EXPECT_EQ(size_of_text("\x1A\x45\xDF\xA3\0\0\0\0"s), 0);
  EXPECT_EQ(size_of_text("RIFF"), 0);
  EXPECT_EQ(size_of_text("something else"), 0);
}

}  // namespace
}  // namespace clipclap::media
