#include "classify/scorer.h"

#include <cmath>

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <clipclap/error.h>

namespace clipclap::classify {
namespace {

const std::vector<std::string> kLabels{"a", "b", "c", "d"};

at::Tensor unit_rows(std::int64_t rows, std::uint64_t seed) {
  at::manual_seed(seed);
  return model::normalize_rows(at::randn({rows, 8}));
}

Scorer make_scorer(const ScoreOptions& options, double scale = 10) {
  return {kLabels, unit_rows(4, 1), {.logit_scale = scale}, options};
}

TEST(Scorer, ScoresAreAProbabilityInFallingOrder) {
  const auto rows = make_scorer({}).score(unit_rows(5, 2));
  ASSERT_EQ(rows.size(), 5U);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), kLabels.size());
    double sum = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      sum += row[i].score;
      EXPECT_LE(row[i].score, i == 0 ? 1.0F : row[i - 1].score);
    }
    EXPECT_NEAR(sum, 1.0, 1e-6);
  }
}

TEST(Scorer, TemperatureDividesTheScale) {
  const auto pictures = unit_rows(3, 3);
  const auto warm = make_scorer({.temperature = 4}, 20).score(pictures);
  const auto plain = make_scorer({}, 5).score(pictures);
  for (std::size_t row = 0; row < warm.size(); ++row) {
    for (std::size_t i = 0; i < kLabels.size(); ++i) {
      EXPECT_EQ(warm[row][i].label, plain[row][i].label);
      EXPECT_FLOAT_EQ(warm[row][i].score, plain[row][i].score);
    }
  }
}

TEST(Scorer, TopAndThresholdOnlyCut) {
  const auto pictures = unit_rows(6, 4);
  const auto all = make_scorer({}).score(pictures);
  const auto top = make_scorer({.top = 2}).score(pictures);
  const auto above = make_scorer({.threshold = 0.3}).score(pictures);
  for (std::size_t row = 0; row < all.size(); ++row) {
    ASSERT_EQ(top[row].size(), 2U);
    EXPECT_EQ(top[row][1].label, all[row][1].label);
    EXPECT_EQ(top[row][1].score, all[row][1].score);
    for (std::size_t i = 0; i < all[row].size(); ++i) {
      EXPECT_EQ(i < above[row].size(), all[row][i].score >= 0.3F);
    }
  }
}

TEST(Scorer, LabelsFarBehindKeepTheirOrder) {
  const auto row = make_scorer({}, 1e6).score(unit_rows(1, 5)).front();
  EXPECT_EQ(row.back().score, 0.0F);
  for (std::size_t i = 1; i < row.size(); ++i) {
    EXPECT_LE(row[i].similarity, row[i - 1].similarity);
  }
}

TEST(Scorer, RefusesOptionsThatCannotBe) {
  for (const double temperature : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(make_scorer({.temperature = temperature}), Error) << temperature;
  }
  for (const double threshold : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(make_scorer({.threshold = threshold}), Error) << threshold;
  }
  EXPECT_THROW(make_scorer({.top = 0}), Error);
}

}  // namespace
}  // namespace clipclap::classify
