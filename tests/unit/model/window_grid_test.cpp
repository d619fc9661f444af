// Windows against the reference's steps: zeros behind, a roll, a cut (transformers,
// modeling_clap.py, ClapAudioLayer.forward and window_partition).
#include "model/blocks/window_grid.h"

#include <tuple>

#include <ATen/TensorOperators.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/roll.h>
#include <gtest/gtest.h>

namespace clipclap::model {
namespace {

/// Side, window, whether shifted.
using Case = std::tuple<std::int64_t, std::int64_t, bool>;

class WindowGridTest : public testing::TestWithParam<Case> {};

TEST_P(WindowGridTest, CutsAsTheReferenceAndJoinsAgain) {
  const auto [side, window, shifted] = GetParam();
  const WindowGrid grid(side, window, shifted, at::kCPU);
  const auto states = at::randn({2, side * side, 5});

  const auto padding = (window - side % window) % window;
  const auto shift = shifted && side > window ? window / 2 : 0;
  auto steps = at::constant_pad_nd(states.view({2, side, side, 5}), {0, 0, 0, padding, 0, padding});
  steps = at::roll(steps, {-shift, -shift}, {1, 2});
  const auto windows = (side + padding) / window;
  steps = steps.reshape({2, windows, window, windows, window, 5})
              .transpose(2, 3)
              .reshape({-1, window * window, 5});

  const auto cut = grid.cut(states);
  EXPECT_TRUE(at::equal(cut, steps));
  EXPECT_TRUE(at::equal(grid.join(cut), states));
  EXPECT_EQ(grid.is_even(), padding == 0);
  EXPECT_EQ(grid.wrapping_bias().defined(), shift != 0);
}

INSTANTIATE_TEST_SUITE_P(Shapes, WindowGridTest,
                         testing::Values(Case{8, 8, false}, Case{8, 8, true}, Case{16, 8, false},
                                         Case{16, 8, true}, Case{12, 8, true}, Case{10, 4, false},
                                         Case{9, 4, true}, Case{3, 4, true}, Case{64, 8, true}));

}  // namespace
}  // namespace clipclap::model
