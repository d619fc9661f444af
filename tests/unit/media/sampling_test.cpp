#include "media/sampling.h"

#include <limits>

#include <gtest/gtest.h>

#include <clipclap/error.h>

namespace clipclap::media {
namespace {

using Mode = Sampling::Mode;

std::vector<std::int64_t> taken(Sampler sampler, const std::vector<std::int64_t>& timestamps) {
  std::vector<std::int64_t> result;
  for (const std::int64_t timestamp : timestamps) {
    if (sampler.take(timestamp, timestamp % 12 == 0)) result.push_back(timestamp);
  }
  return result;
}

TEST(SamplingParse, ReadsTimes) {
  for (const auto& [text, seconds] : {std::pair{"1s", 1.0},
                                      {"0.5s", 0.5},
                                      {"250ms", 0.25},
                                      {"2m", 120.0},
                                      {"1.5m", 90.0},
                                      {"7ms", 0.007}}) {
    const Sampling sampling = Sampling::parse(text);
    EXPECT_EQ(sampling.mode, Mode::kInterval);
    EXPECT_EQ(sampling.interval_seconds, seconds) << text;
  }
}

TEST(SamplingParse, ReadsFrameNumbers) {
  for (const int step : {1, 25, 2147483647}) {
    const Sampling sampling = Sampling::parse(std::to_string(step));
    EXPECT_EQ(sampling.mode, Mode::kEveryNth);
    EXPECT_EQ(sampling.frame_step, step);
  }
}

TEST(SamplingParse, RefusesAnythingElse) {
  for (const char* text : {"",
                           "0",
                           "0s",
                           "0.0s",
                           "-1",
                           "-1s",
                           "+1s",
                           "1h",
                           "1 s",
                           " 1s",
                           "1s ",
                           "s",
                           "1.5",
                           "1e3s",
                           "nan",
                           "inf",
                           ".5s",
                           "5.s",
                           "1..5s",
                           "0x1s",
                           "1S",
                           "2147483648",
                           "99999999999999999999s",
                           "0.0000000001s",
                           "1sms"}) {
    EXPECT_THROW(Sampling::parse(text), Error) << text;
  }
}

TEST(MediaKindNames, AreThePublicOnes) {
  EXPECT_EQ(to_string(MediaKind::kVideo), "video");
  EXPECT_EQ(to_string(MediaKind::kImage), "image");
  EXPECT_EQ(to_string(MediaKind::kAudio), "audio");
}

TEST(Sampler, TakesTheFirstFrameAtOrAfterEachMultiple) {
  const Sampling every_second{Mode::kInterval, 1.0};
  EXPECT_EQ(taken(Sampler(every_second, {1, 10}), {3, 7, 12, 13, 14, 22, 24, 33}),
            (std::vector<std::int64_t>{3, 13, 24, 33}));
}

TEST(Sampler, AGapGivesOneFrameAndTheGridGoesOn) {
  const Sampling every_second{Mode::kInterval, 1.0};
  EXPECT_EQ(taken(Sampler(every_second, {1, 10}), {0, 10, 55, 56, 59, 60, 70}),
            (std::vector<std::int64_t>{0, 10, 55, 60, 70}));
}

TEST(Sampler, ATenthOfASecondNeverDrifts) {
  // 30 frames a second for ten hours: every third frame stands exactly on the grid.
  Sampler sampler({Mode::kInterval, 0.1}, {1, 30});
  for (std::int64_t frame = 0; frame < 30 * 36000; ++frame) {
    ASSERT_EQ(sampler.take(frame, false), frame % 3 == 0) << frame;
  }
}

TEST(Sampler, SurvivesTimestampsOfAnySize) {
  constexpr std::int64_t kFar = std::int64_t{1} << 61;
  Sampler sampler({Mode::kInterval, 1e-9}, {std::numeric_limits<int>::max(), 1});
  EXPECT_TRUE(sampler.take(-kFar, false));
  EXPECT_TRUE(sampler.take(kFar, false));
}

TEST(Sampler, CountsFramesAndKnowsKeyFrames) {
  EXPECT_EQ(taken(Sampler({Mode::kEveryNth, 0, 3}, {1, 1}), {0, 1, 2, 3, 4, 5, 6}),
            (std::vector<std::int64_t>{0, 3, 6}));
  EXPECT_EQ(taken(Sampler({Mode::kKeyframes}, {1, 1}), {0, 5, 12, 13, 24}),
            (std::vector<std::int64_t>{0, 12, 24}));
}

TEST(Sampler, RefusesStepsThatAreNotAboveZero) {
  for (const double seconds : {0.0, -1.0, 1e-10, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(Sampler({Mode::kInterval, seconds}, {1, 1}), Error) << seconds;
  }
  EXPECT_THROW(Sampler({Mode::kEveryNth, 1, 0}, {1, 1}), Error);
}

}  // namespace
}  // namespace clipclap::media
