// All of a sound is heard, the same however it arrives.
#include "media/sound_windows.h"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "media/loudness.h"

namespace clipclap::media {
namespace {

struct Shape {
  std::size_t length;
  std::size_t window;
  std::size_t hop;
};

void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.length << " by " << shape.window << " each " << shape.hop;
}

std::vector<float> ramp(std::size_t length) {
  std::vector<float> samples(length);
  std::iota(samples.begin(), samples.end(), 0.0F);
  return samples;
}

std::vector<CutWindow> cut(SoundWindows& windows, const std::vector<float>& samples,
                           std::size_t piece) {
  std::vector<CutWindow> found;
  const auto collect = [&] {
    while (auto window = windows.next()) found.push_back(std::move(*window));
  };
  for (std::size_t start = 0; start < samples.size(); start += piece) {
    const auto count = std::min(piece, samples.size() - start);
    windows.push(std::span(samples).subspan(start, count));
    collect();
  }
  windows.finish();
  collect();
  return found;
}

class SoundWindowsOf : public testing::TestWithParam<Shape> {};

TEST_P(SoundWindowsOf, CoverEverything) {
  const auto [length, window, hop] = GetParam();
  SoundWindows windows(window, hop);
  std::int64_t covered = 0;
  for (const auto& found : cut(windows, ramp(length), 7)) {
    EXPECT_LE(found.start, covered);
    EXPECT_EQ(found.samples.size(), std::min(window, length));
    for (std::size_t i = 0; i < found.samples.size(); ++i) {
      ASSERT_EQ(found.samples[i], static_cast<float>(found.start) + static_cast<float>(i));
    }
    const auto end = found.start + static_cast<std::int64_t>(found.samples.size());
    EXPECT_GT(end, covered);
    // All but the last begin on the hop.
    if (end != static_cast<std::int64_t>(length)) {
      EXPECT_EQ(found.start % static_cast<std::int64_t>(hop), 0);
    }
    covered = end;
  }
  EXPECT_EQ(covered, static_cast<std::int64_t>(length));
}

TEST_P(SoundWindowsOf, AreTheSameHoweverTheSoundArrives) {
  const auto [length, window, hop] = GetParam();
  const auto samples = ramp(length);
  SoundWindows at_once(window, hop);
  const auto expected = cut(at_once, samples, std::max<std::size_t>(length, 1));
  SoundWindows windows(window, hop);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, window, window + 1}) {
    const auto found = cut(windows, samples, piece);  // a new stretch each time
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].start, expected[i].start);
      EXPECT_EQ(found[i].samples, expected[i].samples);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, SoundWindowsOf,
                         testing::Values(Shape{1, 10, 5}, Shape{9, 10, 5}, Shape{10, 10, 5},
                                         Shape{11, 10, 5}, Shape{15, 10, 5}, Shape{100, 10, 5},
                                         Shape{103, 10, 5}, Shape{103, 10, 10}, Shape{103, 10, 1},
                                         Shape{103, 10, 3}));

TEST(SoundWindows, OfNothingThereAreNone) {
  SoundWindows windows(10, 5);
  EXPECT_TRUE(cut(windows, {}, 1).empty());
}

TEST(LoudnessGate, HearsNothingInZeros) {
  const LoudnessGate gate(48000);
  EXPECT_EQ(gate.loudest_block(std::vector<float>(48000)),
            -std::numeric_limits<double>::infinity());
  EXPECT_EQ(gate.loudest_block({}), -std::numeric_limits<double>::infinity());
}

TEST(LoudnessGate, HearsWhatSoundsAnywhere) {
  const LoudnessGate gate(48000);
  for (const std::size_t place : {0U, 20'000U, 47'999U}) {
    std::vector<float> samples(48000);
    samples[place] = 1;
    EXPECT_GT(gate.loudest_block(samples), -70) << place;
  }
}

}  // namespace
}  // namespace clipclap::media
