// Attention on AMX's tiles against LibTorch's own.
#include "model/blocks/tile_attention.h"

#include <limits>
#include <tuple>

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <gtest/gtest.h>

namespace clipclap::model {
namespace {

constexpr std::int64_t kWidth = 64;

at::Tensor expected(const at::Tensor& query_key_value, std::int64_t heads) {
  const auto batch = query_key_value.size(0);
  const auto tokens = query_key_value.size(1);
  const auto parts = query_key_value.to(at::kDouble)
                         .view({batch, tokens, 3, heads, kWidth})
                         .permute({2, 0, 3, 1, 4});
  const auto mixed = at::scaled_dot_product_attention(parts[0], parts[1], parts[2]);
  return mixed.transpose(1, 2).reshape({batch, tokens, heads * kWidth});
}

/// Inputs, tokens, heads.
using Case = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

class TileAttention : public testing::TestWithParam<Case> {};

TEST_P(TileAttention, IsLibTorchs) {
  const auto [batch, tokens, heads] = GetParam();
  at::manual_seed(1);
  const auto rough = at::randn({batch, tokens, 3 * heads * kWidth}).to(at::kBFloat16);
  if (!suits_tiles(rough, heads)) GTEST_SKIP() << "needs a processor with AMX";

  // Of numbers that bfloat16 has, products are exact: what is lost is half a step of eight bits of
  // each weight, whose errors may add up, and of the result.
  const auto found = attend_in_tiles(rough, heads);
  ASSERT_EQ(found.scalar_type(), at::kBFloat16);
  const auto reference = expected(rough, heads);
  EXPECT_TRUE(at::allclose(found.to(at::kDouble), reference, 8e-3, 8e-3));

  const auto exact = attend_in_tiles(rough.to(at::kFloat), heads);
  ASSERT_EQ(exact.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::allclose(exact.to(at::kDouble), reference, 4e-3, 4e-3));
}

INSTANTIATE_TEST_SUITE_P(Shapes, TileAttention,
                         testing::Values(Case{8, 50, 12}, Case{1, 1, 1}, Case{3, 15, 2},
                                         Case{2, 16, 3}, Case{1, 17, 1}, Case{2, 31, 1},
                                         Case{2, 32, 1}, Case{2, 33, 5}, Case{2, 197, 12},
                                         Case{1, 257, 16}, Case{1, 730, 2}));

TEST(TileAttention, EachHeadIsItsOwn) {
  at::manual_seed(2);
  const auto input = at::randn({5, 50, 3 * 4 * kWidth});
  if (!suits_tiles(input, 4)) GTEST_SKIP() << "needs a processor with AMX";
  const auto together = attend_in_tiles(input, 4);
  const auto alone = attend_in_tiles(input.narrow(0, 3, 1).contiguous(), 4);
  EXPECT_TRUE(together.narrow(0, 3, 1).equal(alone));
}

TEST(TileAttention, FarScoresAndBrokenOnes) {
  at::manual_seed(3);
  auto input = at::randn({2, 50, 3 * kWidth});
  if (!suits_tiles(input, 1)) GTEST_SKIP() << "needs a processor with AMX";
  input.narrow(2, 0, 2 * kWidth) *= 40;  // one token's weight is nearly 1, of some far below 0
  const auto rough = input.to(at::kBFloat16);
  EXPECT_TRUE(
      at::allclose(attend_in_tiles(rough, 1).to(at::kDouble), expected(rough, 1), 8e-3, 8e-3));

  input[0][7][3] = std::numeric_limits<float>::quiet_NaN();  // a query's: its row alone
  const auto broken = attend_in_tiles(input, 1);
  EXPECT_FALSE(at::isfinite(broken[0][7]).any().item<bool>());
  EXPECT_TRUE(at::isfinite(broken[1]).all().item<bool>());
}

TEST(TileAttention, OthersAreRefused) {
  EXPECT_FALSE(suits_tiles(at::randn({1, 4, 3 * 48}), 1));
  EXPECT_FALSE(suits_tiles(at::randn({1, 4, 3 * kWidth}, at::kDouble), 1));
  EXPECT_FALSE(suits_tiles(at::randn({4, 3 * kWidth, 1}).transpose(0, 2), 1));
}

}  // namespace
}  // namespace clipclap::model
