// Items arrive in order, failures behind them, and nothing waits for ever.
#include "base/prefetch.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace clipclap {
namespace {

Prefetch<int>::Produce count_to(int last, std::atomic<int>& made) {
  return [last, &made]() -> std::optional<int> {
    if (made == last) return std::nullopt;
    return ++made;
  };
}

class PrefetchOfSize : public testing::TestWithParam<std::size_t> {};

TEST_P(PrefetchOfSize, KeepsTheOrder) {
  std::atomic<int> made = 0;
  Prefetch<int> prefetch(GetParam(), count_to(1000, made));
  for (int i = 1; i <= 1000; ++i) ASSERT_EQ(prefetch.next(), i);
  EXPECT_EQ(prefetch.next(), std::nullopt);
  EXPECT_EQ(prefetch.next(), std::nullopt);
}

TEST_P(PrefetchOfSize, IsNoFurtherAheadThanAsked) {
  std::atomic<int> made = 0;
  Prefetch<int> prefetch(GetParam(), count_to(1000, made));
  for (int i = 1; i <= 100; ++i) {
    ASSERT_EQ(prefetch.next(), i);
    // One more than fit may be in the producer's hand.
    ASSERT_LE(made, i + static_cast<int>(GetParam()) + 1);
  }
}

TEST_P(PrefetchOfSize, ThrowsBehindTheItemsBefore) {
  int made = 0;
  Prefetch<int> prefetch(GetParam(), [&]() -> std::optional<int> {
    if (made == 5) throw std::runtime_error("the file is cut off");
    return ++made;
  });
  for (int i = 1; i <= 5; ++i) ASSERT_EQ(prefetch.next(), i);
  EXPECT_THROW(prefetch.next(), std::runtime_error);
  EXPECT_EQ(prefetch.next(), std::nullopt);
}

TEST_P(PrefetchOfSize, MayBeLeftAtAnyTime) {
  std::atomic<int> made = 0;
  for (int taken = 0; taken < 4; ++taken) {
    Prefetch<int> prefetch(GetParam(), count_to(1'000'000, made));
    for (int i = 0; i < taken; ++i) prefetch.next();
  }
  EXPECT_LT(made, 1'000'000);
}

INSTANTIATE_TEST_SUITE_P(Sizes, PrefetchOfSize, testing::Values(1, 2, 16));

}  // namespace
}  // namespace clipclap
