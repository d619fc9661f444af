#include "classify/scorer.h"

#include <algorithm>
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
  return {{{{"", kLabels}}, unit_rows(4, 1)}, {.logit_scale = scale}, options};
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
  for (const double scale : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(make_scorer({.logit_scale = scale}), Error) << scale;
  }
  EXPECT_THROW(make_scorer({.top = 0}), Error);
}

TEST(Scorer, AScaleTakesThePlaceOfTheModels) {
  const auto pictures = unit_rows(3, 6);
  EXPECT_EQ(make_scorer({.logit_scale = 7}, 10).score(pictures)[0][0].score,
            make_scorer({}, 7).score(pictures)[0][0].score);
}

TEST(Scorer, AScaleLeavesTheBiasOfASigmoid) {
  const auto pictures = unit_rows(3, 6);
  const model::ScoreRule sigmoid{
      .kind = model::ScoreRule::Kind::kSigmoid, .logit_scale = 10, .logit_bias = -2};
  const Scorer scorer({{{"", kLabels}}, unit_rows(4, 1)}, sigmoid, {.logit_scale = 3});
  const auto labels = scorer.score(pictures).front();
  for (const auto& label : labels) {
    EXPECT_NEAR(label.score, 1 / (1 + std::exp(2 - 3 * label.similarity)), 1e-6);
  }
}

const std::vector<VocabularyUnit> kUnits{{"one", {"a", "b"}}, {"two", {"c", "d"}}};

std::vector<float> scores_of(const std::vector<ScoredLabel>& labels, const std::string& unit) {
  std::vector<float> scores;
  for (const auto& label : labels) {
    if (label.unit == unit) scores.push_back(label.score);
  }
  return scores;
}

TEST(Scorer, EveryUnitIsAsIfItStoodAlone) {
  const auto pictures = unit_rows(5, 7);
  const auto points = unit_rows(4, 1);
  const Scorer together({kUnits, points}, {.logit_scale = 10}, {});
  std::int64_t first = 0;
  for (const auto& unit : kUnits) {
    const Scorer alone({{unit}, points.narrow(0, first, 2)}, {.logit_scale = 10}, {});
    first += 2;
    for (std::size_t row = 0; row < 5; ++row) {
      const auto all = together.score(pictures)[row];
      EXPECT_EQ(all[0].unit, "one");
      EXPECT_EQ(all[2].unit, "two");
      EXPECT_EQ(scores_of(all, unit.name), scores_of(alone.score(pictures)[row], unit.name));
    }
  }
}

TEST(Scorer, EveryRowIsAsIfItStoodAlone) {
  const auto pictures = unit_rows(37, 9);
  const auto scorer = make_scorer({}, 10);
  const auto all = scorer.score(pictures);
  for (std::int64_t row = 0; row < 37; ++row) {
    const auto alone = scorer.score(pictures.narrow(0, row, 1)).front();
    for (std::size_t i = 0; i < alone.size(); ++i) {
      EXPECT_EQ(alone[i].label, all[static_cast<std::size_t>(row)][i].label);
      EXPECT_EQ(alone[i].score, all[static_cast<std::size_t>(row)][i].score);
    }
  }
}

TEST(Scorer, SumsOfPointsAreThoseOfTheirLabels) {
  const auto pictures = unit_rows(5, 8);
  const auto points = unit_rows(4, 1);
  const Scorer single({{{"u", kLabels}}, points}, {.logit_scale = 10}, {});
  const Scorer summed({{{"u", {"x", "y"}}}, points, {1, 3}}, {.logit_scale = 10}, {});
  for (std::size_t row = 0; row < 5; ++row) {
    const auto all = summed.score(pictures)[row];
    EXPECT_GE(all[0].score, all[1].score);
    ScoredLabel rest{"y", 0, 0};
    const auto points_alone = single.score(pictures)[row];
    for (const auto& label : points_alone) {
      if (label.label == "a") {
        const auto& x = all[0].label == "x" ? all[0] : all[1];
        EXPECT_NEAR(x.score, label.score, 1e-6);
        EXPECT_NEAR(x.similarity, label.similarity, 1e-6);
      } else {
        rest.score += label.score;
        rest.similarity += label.similarity / 3;
      }
    }
    const auto& y = all[0].label == "y" ? all[0] : all[1];
    EXPECT_NEAR(y.score, rest.score, 1e-6);
    EXPECT_NEAR(y.similarity, rest.similarity, 1e-6);
  }
}

TEST(Scorer, SumsOfSigmoidsAreRefused) {
  const model::ScoreRule sigmoid{.kind = model::ScoreRule::Kind::kSigmoid};
  EXPECT_THROW(Scorer({{{"u", {"x", "y"}}}, unit_rows(4, 1), {2, 2}}, sigmoid, {}), Error);
}

TEST(Scorer, ToTrimAfterwardsIsToTrimAtOnce) {
  const auto pictures = unit_rows(20, 9);
  const auto make = [&](const ScoreOptions& options) {
    return Scorer({kUnits, unit_rows(4, 1)}, {.logit_scale = 10}, options).score(pictures);
  };
  for (const ScoreOptions& options :
       {ScoreOptions{.top = 1}, {.top = 2, .threshold = 0.3}, {.threshold = 0.6}, {}}) {
    const auto at_once = make(options);
    auto afterwards = make({});
    for (std::size_t row = 0; row < at_once.size(); ++row) {
      keep_best(afterwards[row], options);
      ASSERT_EQ(afterwards[row].size(), at_once[row].size());
      for (std::size_t i = 0; i < at_once[row].size(); ++i) {
        EXPECT_EQ(afterwards[row][i].label, at_once[row][i].label);
        EXPECT_EQ(afterwards[row][i].unit, at_once[row][i].unit);
        EXPECT_EQ(afterwards[row][i].score, at_once[row][i].score);
      }
    }
  }
}

TEST(Scorer, ToAgreeIsToAgreeInEveryUnit) {
  const auto pictures = unit_rows(12, 10);
  const Scorer scorer({kUnits, unit_rows(4, 1)}, {.logit_scale = 10}, {.top = 1});
  const auto best = scorer.score(pictures);
  const auto lead = [](float score) { return 2.0 * score - 1; };  // of two
  bool some_agree = false;
  bool some_differ = false;
  for (std::int64_t i = 0; i < 12; ++i) {
    for (std::int64_t j = 0; j < 12; ++j) {
      const auto& a = best[static_cast<std::size_t>(i)];
      const auto& b = best[static_cast<std::size_t>(j)];
      const bool same = a[0].label == b[0].label && a[1].label == b[1].label;
      const bool ahead = lead(std::min(a[0].score, b[0].score)) >= 0.3 &&
                         lead(std::min(a[1].score, b[1].score)) >= 0.3;
      EXPECT_EQ(scorer.agree(pictures[i], pictures[j], 0.3), same && ahead);
      some_agree = some_agree || (same && ahead);
      some_differ = some_differ || !(same && ahead);
    }
  }
  EXPECT_TRUE(some_agree && some_differ);
}

}  // namespace
}  // namespace clipclap::classify
