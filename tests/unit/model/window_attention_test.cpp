// The attention of windows against LibTorch's own.
#include "model/blocks/window_attention.h"

#include <limits>
#include <tuple>

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace clipclap::model {
namespace {

constexpr std::int64_t kStates = 64;

at::Tensor expected(const at::Tensor& query_key_value, std::int64_t heads, const at::Tensor& bias) {
  const auto windows = query_key_value.size(0);
  const auto width = query_key_value.size(2) / 3;
  const auto parts = query_key_value.to(at::kDouble)
                         .view({windows, kStates, 3, heads, width / heads})
                         .permute({2, 0, 3, 1, 4});
  const auto biases = bias.to(at::kDouble).repeat({windows / bias.size(0), 1, 1, 1});
  return at::scaled_dot_product_attention(parts[0], parts[1], parts[2], biases)
      .transpose(1, 2)
      .reshape({windows, kStates, width});
}

class WindowAttention
    : public testing::TestWithParam<std::tuple<std::int64_t, std::int64_t, std::int64_t, double>> {
};

TEST_P(WindowAttention, IsLibTorchs) {
  const auto [heads, width, groups, spread] = GetParam();
  const auto input = at::randn({3 * groups, kStates, 3 * heads * width}) * spread;
  auto bias = at::randn({groups, heads, kStates, kStates});
  bias.narrow(3, 40, 24) -= 100;  // as between states that only wrapping made neighbours
  if (!suits_windows(input, heads, bias)) GTEST_SKIP() << "needs a processor with AVX-512";

  // Scores, and what is wrong with them, grow with the square.
  const double near = 1e-6 * spread * (1 + spread * spread);
  const auto found = attend_in_windows(input, heads, bias);
  EXPECT_TRUE(at::allclose(found.to(at::kDouble), expected(input, heads, bias), 1e-5, near));

  const auto rough = input.to(at::kBFloat16);
  ASSERT_TRUE(suits_windows(rough, heads, bias));
  const auto rough_found = attend_in_windows(rough, heads, bias);
  ASSERT_EQ(rough_found.scalar_type(), at::kBFloat16);
  // Half a step of eight bits, and nothing lost before.
  EXPECT_TRUE(at::allclose(rough_found.to(at::kDouble), expected(rough, heads, bias), 4e-3, near));
}

INSTANTIATE_TEST_SUITE_P(Shapes, WindowAttention,
                         testing::Values(std::tuple{4, 24, 64, 1.0}, std::tuple{32, 24, 1, 1.0},
                                         std::tuple{8, 32, 4, 3.0}, std::tuple{3, 5, 2, 0.1},
                                         std::tuple{1, 1, 1, 1.0}, std::tuple{2, 32, 1, 10.0}));

TEST(WindowAttention, BrokenStatesStayBroken) {
  auto input = at::randn({1, kStates, 3 * 24});
  input[0][5][0] = std::numeric_limits<float>::quiet_NaN();
  const auto bias = at::zeros({1, 1, kStates, kStates});
  if (!suits_windows(input, 1, bias)) GTEST_SKIP() << "needs a processor with AVX-512";
  EXPECT_TRUE(attend_in_windows(input, 1, bias)[0][5].isnan().all().item<bool>());
  const auto rough = attend_in_windows(input.to(at::kBFloat16), 1, bias);
  EXPECT_TRUE(rough[0][5].isnan().all().item<bool>());
}

TEST(WindowAttention, WhatItIsNotMadeForIsLeftToLibTorch) {
  const auto bias = at::zeros({1, 2, kStates, kStates});
  EXPECT_FALSE(suits_windows(at::randn({1, 49, 3 * 48}), 2, at::zeros({1, 2, 49, 49})));
  EXPECT_FALSE(suits_windows(at::randn({1, kStates, 3 * 128}), 2, bias));  // too wide
  EXPECT_FALSE(suits_windows(at::randn({1, kStates, 3 * 48}), 2, {}));
  EXPECT_FALSE(suits_windows(at::randn({1, kStates, 3 * 48}), 2, bias.to(at::kBool)));
  EXPECT_FALSE(suits_windows(at::randn({1, kStates, 3 * 48}).to(at::kHalf), 2, bias));
}

}  // namespace
}  // namespace clipclap::model
