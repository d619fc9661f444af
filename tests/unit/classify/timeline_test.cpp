// Records of several streams come out in one order, however they go in.
#include "classify/timeline.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <clipclap/tagging.h>

namespace clipclap::classify {
namespace {

TagRecord record(std::size_t stream, double start_seconds) {
  TagRecord made;
  made.window.stream = std::to_string(stream);
  made.window.start_seconds = start_seconds;
  return made;
}

TEST(Timeline, OrdersByWhereWindowsBegin) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<double> found;
    Timeline<TagRecord> timeline(
        2, [&](const TagRecord& one) { found.push_back(one.window.start_seconds); });
    double starts[2] = {0, 0.5};
    for (int i = 0; i < 200; ++i) {
      const auto stream = random() % 2;
      timeline.add(stream, record(stream, starts[stream]));
      starts[stream] += 1.0 + static_cast<double>(stream);
    }
    timeline.finish();
    EXPECT_EQ(found.size(), 200u);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
  }
}

TEST(Timeline, OfOneStreamNothingWaits) {
  int found = 0;
  Timeline<TagRecord> timeline(1, [&](const TagRecord&) { ++found; });
  for (int i = 0; i < 5; ++i) {
    timeline.add(0, record(0, i));
    EXPECT_EQ(found, i + 1);
  }
}

TEST(Timeline, EqualBeginningsKeepTheOrderOfTheStreams) {
  std::vector<std::string> found;
  Timeline<TagRecord> timeline(2,
                               [&](const TagRecord& one) { found.push_back(one.window.stream); });
  for (int i = 0; i < 3; ++i) timeline.add(1, record(1, i));
  for (int i = 0; i < 3; ++i) timeline.add(0, record(0, i));
  timeline.finish();
  EXPECT_EQ(found, (std::vector<std::string>{"0", "1", "0", "1", "0", "1"}));
}

TEST(Timeline, AStreamWithoutRecordsDoesNotHoldAllOthers) {
  std::size_t found = 0;
  Timeline<TagRecord> timeline(2, [&](const TagRecord&) { ++found; });
  constexpr std::size_t kMany = 100'000;
  for (std::size_t i = 0; i < kMany; ++i) timeline.add(0, record(0, static_cast<double>(i)));
  EXPECT_GT(found, kMany - 2000);
  timeline.finish();
  EXPECT_EQ(found, kMany);
}

}  // namespace
}  // namespace clipclap::classify
