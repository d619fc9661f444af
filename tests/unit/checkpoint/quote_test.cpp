#include "checkpoint/quote.h"

#include "support.h"

namespace clipclap::checkpoint {
namespace {

TEST(Quote, LeavesReadableTextAlone) { EXPECT_EQ(quote("größe.weight"), "\"größe.weight\""); }

TEST(Quote, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(quote("a\x1b[2Jb\n"), "\"a\\x1b[2Jb\\x0a\"");
  EXPECT_EQ(quote("\xc2\x9b"), "\"\\xc2\\x9b\"") << "C1, two bytes of UTF-8";
}

TEST(Quote, EscapesBytesThatAreNoUtf8) { EXPECT_EQ(quote("\xff\x80"), "\"\\xff\\x80\""); }

TEST(Quote, CutsLongTexts) { EXPECT_LT(quote(std::string(1'000'000, 'x')).size(), 200U); }

}  // namespace
}  // namespace clipclap::checkpoint
