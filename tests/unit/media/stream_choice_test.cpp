#include <gtest/gtest.h>

#include <clipclap/error.h>
#include <clipclap/media.h>

namespace clipclap {
namespace {

TEST(StreamChoice, IsReadAsFfmpegWritesIt) {
  EXPECT_EQ(StreamChoice::parse("v:0"), (StreamChoice{MediaKind::kVideo, 0}));
  EXPECT_EQ(StreamChoice::parse("a:12"), (StreamChoice{MediaKind::kAudio, 12}));
  EXPECT_EQ(StreamChoice::parse("a"), (StreamChoice{MediaKind::kAudio, 0}));
  EXPECT_EQ(StreamChoice::parse("a:7").name(), "a:7");
}

TEST(StreamChoice, RefusesAnythingElse) {
  for (const char* text : {"", "x", "v:", "a:-1", "a:1x", "a:+1", "a1", "0", "a:99999999999", ":0",
                           "va:0", " v:0", "s:0"}) {
    EXPECT_THROW(StreamChoice::parse(text), Error) << text;
  }
}

}  // namespace
}  // namespace clipclap
