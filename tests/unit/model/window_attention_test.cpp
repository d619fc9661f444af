// The attention of windows against LibTorch's own.
#include "model/blocks/window_attention.h"

#include <limits>
#include <tuple>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace clipclap::model {
namespace {

constexpr std::int64_t kStates = 64;

WindowGrid grid_of(std::int64_t windows_a_side, bool shifted = false) {
  return {8 * windows_a_side, 8, shifted, at::kCPU};
}

at::Tensor expected(const at::Tensor& query_key_value, std::int64_t heads, const WindowGrid& grid,
                    const at::Tensor& bias) {
  const auto windows = grid.cut(query_key_value.to(at::kDouble));
  const auto count = windows.size(0);
  const auto width = windows.size(2) / 3;
  const auto parts =
      windows.view({count, kStates, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
  const auto biases = bias.to(at::kDouble).repeat({count / bias.size(0), 1, 1, 1});
  const auto mixed = at::scaled_dot_product_attention(parts[0], parts[1], parts[2], biases);
  return grid.join(mixed.transpose(1, 2).reshape({count, kStates, width}));
}

/// Heads, their width, windows a side, groups of biases, spread.
using Case = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, double>;

/// What queries, keys and values were made of.
at::Tensor states_of(const at::Tensor& query_key_value) {
  return query_key_value.narrow(2, 0, query_key_value.size(2) / 3).contiguous();
}

class WindowAttention : public testing::TestWithParam<Case> {};

TEST_P(WindowAttention, IsLibTorchs) {
  const auto [heads, width, windows_a_side, groups, spread] = GetParam();
  const auto grid = grid_of(windows_a_side, groups > 1);
  const auto states = kStates * windows_a_side * windows_a_side;
  // With one seed in a hundred rounding alone is beyond the bound, LibTorch's own float32, too.
  at::manual_seed(1);
  const auto input = at::randn({3, states, 3 * heads * width}) * spread;
  auto bias = at::randn({groups, heads, kStates, kStates});
  bias.narrow(3, 40, 24) -= 100;  // as between states that only wrapping made neighbours
  if (!suits_windows(states_of(input), heads, grid, bias)) {
    GTEST_SKIP() << "needs a processor with AVX-512";
  }

  // Scores, and what is wrong with them, grow with the square.
  const double near = 1e-6 * spread * (1 + spread * spread);
  const auto found = attend_in_windows(input, heads, grid, bias);
  EXPECT_TRUE(at::allclose(found.to(at::kDouble), expected(input, heads, grid, bias), 1e-5, near));

  const auto rough = input.to(at::kBFloat16);
  ASSERT_TRUE(suits_windows(states_of(rough), heads, grid, bias));
  const auto rough_found = attend_in_windows(rough, heads, grid, bias);
  ASSERT_EQ(rough_found.scalar_type(), at::kBFloat16);
  // Half a step of eight bits, and nothing lost before.
  EXPECT_TRUE(
      at::allclose(rough_found.to(at::kDouble), expected(rough, heads, grid, bias), 4e-3, near));
}

INSTANTIATE_TEST_SUITE_P(Shapes, WindowAttention,
                         testing::Values(Case{4, 24, 8, 64, 1.0}, Case{4, 24, 8, 1, 1.0},
                                         Case{32, 24, 1, 1, 1.0}, Case{8, 32, 2, 4, 3.0},
                                         Case{3, 5, 3, 9, 0.1}, Case{1, 1, 1, 1, 1.0},
                                         Case{2, 32, 1, 1, 10.0}));

TEST(WindowAttention, BrokenStatesStayBroken) {
  const auto grid = grid_of(1);
  auto input = at::randn({1, kStates, 3 * 24});
  input[0][5][0] = std::numeric_limits<float>::quiet_NaN();
  const auto bias = at::zeros({1, 1, kStates, kStates});
  if (!suits_windows(states_of(input), 1, grid, bias)) {
    GTEST_SKIP() << "needs a processor with AVX-512";
  }
  EXPECT_TRUE(attend_in_windows(input, 1, grid, bias)[0][5].isnan().all().item<bool>());
  const auto rough = attend_in_windows(input.to(at::kBFloat16), 1, grid, bias);
  EXPECT_TRUE(rough[0][5].isnan().all().item<bool>());
}

TEST(WindowAttention, WhatItIsNotMadeForIsLeftToLibTorch) {
  const auto bias = at::zeros({1, 2, kStates, kStates});
  const auto grid = grid_of(1);
  const auto suits = [&](const at::Tensor& input) { return suits_windows(input, 2, grid, bias); };
  EXPECT_FALSE(suits(at::randn({1, kStates, 128})));  // too wide
  EXPECT_FALSE(suits(at::randn({1, kStates, 48}).to(at::kHalf)));
  const auto input = at::randn({1, kStates, 48});
  EXPECT_FALSE(suits_windows(input, 2, grid, {}));
  EXPECT_FALSE(suits_windows(input, 2, grid, bias.to(at::kBool)));
  const WindowGrid of_seven(7, 7, false, at::kCPU);
  EXPECT_FALSE(suits_windows(at::randn({1, 49, 48}), 2, of_seven, at::zeros({1, 2, 49, 49})));
  const WindowGrid filled(12, 8, false, at::kCPU);
  EXPECT_FALSE(suits_windows(at::randn({1, 144, 48}), 2, filled, bias));
}

}  // namespace
}  // namespace clipclap::model
