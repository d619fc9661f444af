// Rows of numbers as bytes, and products of them beside LibTorch's.
#include "model/blocks/int8_product.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "model/blocks/int8_rows.h"

namespace clipclap::model {
namespace {

std::vector<float> random_row(std::size_t count) {
  std::mt19937 generator(7);
  std::normal_distribution<float> normal(1, 3);
  std::vector<float> values(count);
  for (auto& value : values) value = normal(generator);
  return values;
}

TEST(Int8Rows, AreExactToHalfAStep) {
  for (std::size_t count = 1; count < 70; ++count) {
    auto values = random_row(count);
    values[count / 2] *= 10;  // an end of the range, wherever it stands
    std::vector<std::uint8_t> bytes(count);
    const auto code = quantize_row(values.data(), count, bytes.data());
    for (std::size_t i = 0; i < count; ++i) {
      const float back = code.scale * (static_cast<float>(bytes[i]) - code.zero);
      EXPECT_NEAR(back, values[i], 0.5001F * code.scale) << i << " of " << count;
    }
  }
}

TEST(Int8Rows, WithoutANumberHaveNoScale) {
  for (const float none :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (std::size_t at = 0; at < 40; ++at) {
      auto values = random_row(40);
      values[at] = none;
      std::vector<std::uint8_t> bytes(values.size());
      EXPECT_TRUE(std::isnan(quantize_row(values.data(), values.size(), bytes.data()).scale)) << at;
    }
  }
}

class BytesTimesWeights : public testing::Test {
 protected:
  void SetUp() override {
    if (!Int8Product::is_supported()) GTEST_SKIP() << "the processor has no such instructions";
    at::manual_seed(3);
    weight_ = at::randn({48, 192});
    bias_ = at::randn({48});
  }

  at::Tensor weight_;
  at::Tensor bias_;
};

TEST_F(BytesTimesWeights, LoseWhatTheWeightsLose) {
  const auto bytes = at::randint(0, 256, {5, 7, 192}, at::kByte);
  const auto found = Int8Product(weight_, bias_)(bytes);
  const auto values = bytes.to(at::kFloat);
  // A weight is off by half a step of its row's 127.
  const auto most = values.sum(-1, /*keepdim=*/true) * (weight_.abs().amax(1) / 127 / 2);
  const auto difference = (found - at::linear(values, weight_, bias_)).abs();
  EXPECT_EQ(found.sizes(), (std::vector<std::int64_t>{5, 7, 48}));
  EXPECT_TRUE((difference <= most).all().item<bool>());
  EXPECT_GT(difference.max().item<float>(), 0);
}

TEST_F(BytesTimesWeights, AreExactWhereTheyUsuallyAre) {
  const auto usual = at::randint(100, 150, {192}, at::kByte);
  const Int8Product product(weight_, bias_, usual);
  const auto expected = at::linear(usual.to(at::kFloat).unsqueeze(0), weight_, bias_);
  EXPECT_LT((product(usual.unsqueeze(0)) - expected).abs().max().item<float>(), 2e-3F);
  EXPECT_GT((Int8Product(weight_, bias_)(usual.unsqueeze(0)) - expected).abs().max().item<float>(),
            1);
}

}  // namespace
}  // namespace clipclap::model
