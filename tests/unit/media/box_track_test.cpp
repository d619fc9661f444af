#include "media/box_track.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <clipclap/error.h>
#include <clipclap/log.h>

namespace clipclap::media {
namespace {

constexpr Box kInside{1, 2, 3, 4};

DetectedBox at(double seconds, const std::string& label, const Box& box = kInside) {
  return {.start_seconds = seconds, .box = box, .label = label};
}

DetectedBox in_frame(std::int64_t number, const std::string& label) {
  return {.frame = number, .box = kInside, .label = label};
}

std::string labels(const std::vector<DetectedBox>& boxes) {
  std::string all;
  for (const auto& box : boxes) all += box.label;
  return all;
}

/// What each frame of a film has, frames apart with commas.
std::string labels_of_film(BoxTrack& track, const std::vector<double>& starts, double end) {
  std::string all;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const bool is_last = i + 1 == starts.size();
    if (i > 0) all += ',';
    all += labels(track.of_next_frame({64, 48, starts[i], is_last ? end : starts[i + 1], is_last}));
  }
  return all;
}

TEST(BoxTrack, ABoxGoesToTheFrameThatIsShown) {
  BoxTrack track("film", {at(0.5, "c"), at(0, "a"), at(0.04, "b"), at(-1, "z"), at(0.0799, "B")});
  EXPECT_EQ(labels_of_film(track, {0, 0.04, 0.08, 0.12}, 0.6), "az,b,B,c");
  EXPECT_TRUE(track.is_done());
}

TEST(BoxTrack, TimesMayBeRounded) {
  // Frames at 0, 1/30, 2/30 and 3/30, as milliseconds and as microseconds.
  const std::vector<double> starts{0, 1 / 30.0, 2 / 30.0, 3 / 30.0};
  BoxTrack milliseconds("film", {at(0, "a"), at(0.033, "b"), at(0.067, "c"), at(0.1, "d")});
  EXPECT_EQ(labels_of_film(milliseconds, starts, 4 / 30.0), "a,b,c,d");
  BoxTrack microseconds("film", {at(0.033333, "b"), at(0.066667, "c"), at(0.1, "d")});
  EXPECT_EQ(labels_of_film(microseconds, starts, 4 / 30.0), ",b,c,d");
  // Frames that are shorter than that still have their own.
  BoxTrack brief("film", {at(0.0001, "a"), at(0.0004, "b")});
  EXPECT_EQ(labels_of_film(brief, {0, 0.0004, 0.0008}, 0.0012), "a,b,");
}

TEST(BoxTrack, NumbersCountFrames) {
  BoxTrack track("film", {in_frame(2, "c"), in_frame(0, "a"), at(0.9, "A"), in_frame(2, "C")});
  EXPECT_EQ(labels_of_film(track, {0, 1, 2, 3}, 4), "aA,,cC,");
}

TEST(BoxTrack, IsDoneAtTheLastOne) {
  BoxTrack track("film", {at(1, "b"), in_frame(0, "a")});
  EXPECT_FALSE(track.is_done());
  track.of_next_frame({64, 48, 0, 1});
  EXPECT_FALSE(track.is_done());
  track.of_next_frame({64, 48, 1, 2});
  EXPECT_TRUE(track.is_done());
  EXPECT_TRUE(BoxTrack("film", {}).is_done());
}

TEST(BoxTrack, TheLastFrameOfUnknownLengthHasItsOwn) {
  BoxTrack track("film", {at(1.666667, "b"), at(1.7, "x")});
  EXPECT_EQ(labels_of_film(track, {0, 5 / 3.0}, 5 / 3.0), ",b");
}

TEST(BoxTrack, BoxesAreCutAtTheEdges) {
  const DetectedBox cut = at(0, "a", {-3, 40, 10, 100});
  BoxTrack track("picture", {cut, at(5, "b", {64, 0, 1, 1}), at(0, "c", {0, 0, 0, 9})});
  const auto boxes = track.of_picture(64, 48);
  ASSERT_EQ(boxes.size(), 1U);
  EXPECT_EQ(boxes[0].box, (Box{0, 40, 7, 8}));
}

TEST(BoxTrack, WhatNoPictureHadIsCounted) {
  std::vector<std::string> said;
  set_log_handler([&](LogLevel, std::string_view line) { said.emplace_back(line); });
  BoxTrack track("film.mp4", {at(0, "a"), at(0, "b", {0, 0, -1, 5}), at(9, "c"), in_frame(7, "d")});
  track.of_next_frame({64, 48, 0, 1, true});
  track.finish();
  BoxTrack whole("other.mp4", {at(0, "a")});
  whole.of_picture(64, 48);
  whole.finish();
  set_log_handler({});
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0],
            "film.mp4: of 4 boxes 3 are passed over: 1 have no area inside the picture, 2 lie "
            "behind the end");
}

TEST(BoxTrack, AVideoSBoxesSayWhen) {
  BoxTrack track("film.mp4", {{.box = kInside}});
  EXPECT_EQ(track.of_picture(64, 48).size(), 1U);
  try {
    track.of_next_frame({64, 48, 0, 1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(error.context(), "film.mp4");
    EXPECT_NE(error.message().find("[1,2,3,4]"), std::string::npos);
  }
}

}  // namespace
}  // namespace clipclap::media
