// Which frames are encoded, and what the others get.
#include "classify/similar_frames.h"

#include <cmath>
#include <set>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

namespace clipclap::classify {
namespace {

Picture grey(std::uint8_t level) {
  constexpr int kSide = 28;
  return {kSide, kSide, 1.0, std::vector<std::uint8_t>(3 * kSide * kSide, level)};
}

/// A point on the unit circle; "embeddings" of what a frame shows.
at::Tensor direction(double angle) {
  return at::tensor({std::cos(angle), std::sin(angle)}).to(at::kFloat);
}

struct Outcome {
  std::set<std::size_t> encoded;
  std::vector<double> starts;
  std::vector<double> angles;
};

/// Frame i looks like `levels[i]` and is encoded as the direction `levels[i]` hundredths.
Outcome run(const std::vector<std::uint8_t>& levels, const SimilarFrames::Agree& agree) {
  SimilarFrames frames(agree);
  Outcome outcome;
  const auto serve = [&] {
    while (const auto wanted = frames.next_wanted()) {
      EXPECT_TRUE(outcome.encoded.insert(wanted->number).second) << "encoded twice";
      const auto number = wanted->number;
      EXPECT_EQ(wanted->picture->picture.rgb.front(), levels[number]);
      frames.take(number, direction(levels[number] / 100.0));
    }
    while (const auto ready = frames.next_ready()) {
      outcome.starts.push_back(ready->window.start_seconds);
      outcome.angles.push_back(
          std::atan2(ready->embedding[1].item<double>(), ready->embedding[0].item<double>()));
    }
  };
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto start = static_cast<double>(i);
    Window window;
    window.start_seconds = start;
    frames.add({grey(levels[i]), start, start + 1}, window);
    serve();
  }
  frames.finish();
  serve();
  EXPECT_EQ(frames.waiting(), 0U);
  return outcome;
}

bool always(const at::Tensor&, const at::Tensor&, float) { return true; }
bool never(const at::Tensor&, const at::Tensor&, float) { return false; }

std::vector<std::uint8_t> drifting(std::size_t count) {
  std::vector<std::uint8_t> levels;
  for (std::size_t i = 0; i < count; ++i) levels.push_back(static_cast<std::uint8_t>(100 + i / 8));
  return levels;
}

TEST(SimilarFrames, EveryFrameComesOutOnceAndInOrder) {
  for (const std::size_t count : {0, 1, 2, 3, 32, 33, 34, 100}) {
    for (const auto& agree : {always, never}) {
      const auto outcome = run(drifting(count), agree);
      ASSERT_EQ(outcome.starts.size(), count);
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(outcome.starts[i], static_cast<double>(i));
    }
  }
}

TEST(SimilarFrames, OfAStillSceneOneInThirtyTwoIsEncoded) {
  const auto outcome = run(std::vector<std::uint8_t>(161, 90), always);
  EXPECT_EQ(outcome.encoded, (std::set<std::size_t>{0, 32, 64, 96, 128, 160}));
}

TEST(SimilarFrames, WhereTheEndsDisagreeEveryFrameIsEncoded) {
  const auto levels = drifting(50);
  const auto outcome = run(levels, never);
  EXPECT_EQ(outcome.encoded.size(), 50U);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_NEAR(outcome.angles[i], levels[i] / 100.0, 1e-6);
}

TEST(SimilarFrames, WhatLiesBetweenGetsWhatLiesBetween) {
  std::vector<std::uint8_t> levels{100, 100, 100, 100, 103};
  const auto outcome = run(levels, always);
  EXPECT_EQ(outcome.encoded, (std::set<std::size_t>{0, 4}));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(outcome.angles[i], 1.0 + 0.03 * static_cast<double>(i) / 4, 1e-4);
  }
}

TEST(SimilarFrames, AnotherSceneBeginsAnotherStretch) {
  std::vector<std::uint8_t> levels(10, 50);
  levels.insert(levels.end(), 10, 150);
  float told = 0;
  const auto outcome = run(levels, [&](const at::Tensor& a, const at::Tensor& b, float difference) {
    told = std::max(told, difference);
    return (a - b).norm().item<double>() < 0.1;
  });
  EXPECT_FLOAT_EQ(told, 100);
  // Halving finds the cut: 9 still looks like 0, and 10 like 19.
  EXPECT_TRUE(outcome.encoded.contains(9));
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(outcome.angles[i], i < 10 ? 0.5 : 1.5, 1e-6);
}

}  // namespace
}  // namespace clipclap::classify
