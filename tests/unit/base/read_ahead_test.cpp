// Items arrive in the sources' order, failures behind them, and nothing waits for ever.
#include "base/read_ahead.h"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace clipclap {
namespace {

using Numbers = ReadAhead<int>;

/// Source n gives 100 n, 100 n + 1, … `length(n)` of them.
Numbers::Open counting(std::function<int(std::size_t)> length) {
  return [length = std::move(length)](std::size_t number) -> Numbers::Source {
    const auto next = std::make_shared<int>(0);
    return [=]() -> std::optional<int> {
      if (*next == length(number)) return std::nullopt;
      return static_cast<int>(100 * number) + (*next)++;
    };
  };
}

class ReadAheadWith : public testing::TestWithParam<Numbers::Limits> {};

TEST_P(ReadAheadWith, KeepsTheOrder) {
  const auto length = [](std::size_t number) { return static_cast<int>(number * 7 % 20); };
  Numbers ahead(50, GetParam(), counting(length));
  for (std::size_t number = 0; number < 50; ++number) {
    for (int i = 0; i < length(number); ++i) {
      const auto step = ahead.next();
      ASSERT_TRUE(step && step->item);
      ASSERT_EQ(step->number, number);
      ASSERT_EQ(*step->item, static_cast<int>(100 * number) + i);
    }
    const auto end = ahead.next();
    ASSERT_TRUE(end && !end->item && !end->failure);
    ASSERT_EQ(end->number, number);
  }
  EXPECT_FALSE(ahead.next());
  EXPECT_FALSE(ahead.next());
}

TEST_P(ReadAheadWith, IsNoFurtherAheadThanAsked) {
  const auto& limits = GetParam();
  std::atomic<std::size_t> begun = 0;
  std::atomic<std::size_t> made = 0;
  const Numbers::Open open = [&](std::size_t number) -> Numbers::Source {
    ++begun;
    return [&, source = counting([](std::size_t) { return 30; })(number)] {
      ++made;
      return source();
    };
  };
  Numbers ahead(40, limits, open);
  std::size_t taken = 0;
  std::size_t done = 0;
  while (const auto step = ahead.next()) {
    ++(step->item ? taken : done);
    ASSERT_LE(begun, done + limits.sources);
    // One more than waits may be in each thread's hand, and one call finds the end.
    ASSERT_LE(made, taken + done + limits.sources * (limits.items + 2));
  }
  EXPECT_EQ(taken, 40U * 30);
}

TEST_P(ReadAheadWith, BringsFailuresBehindTheItemsBefore) {
  const Numbers::Open open = [](std::size_t number) -> Numbers::Source {
    if (number == 1) throw std::runtime_error("no such file");
    const auto made = std::make_shared<int>(0);
    return [=]() -> std::optional<int> {
      if (*made == 5) throw std::runtime_error("the file is cut off");
      return ++*made;
    };
  };
  Numbers ahead(3, GetParam(), open);
  for (std::size_t number = 0; number < 3; ++number) {
    for (int i = 1; number != 1 && i <= 5; ++i) ASSERT_EQ(ahead.next()->item, i);
    const auto end = ahead.next();
    ASSERT_TRUE(end && end->failure);
    ASSERT_EQ(end->number, number);
    EXPECT_THROW(std::rethrow_exception(end->failure), std::runtime_error);
  }
  EXPECT_FALSE(ahead.next());
}

TEST_P(ReadAheadWith, MayBeLeftAtAnyTime) {
  std::atomic<int> made = 0;
  for (int taken = 0; taken < 4; ++taken) {
    Numbers ahead(10, GetParam(), [&](std::size_t) -> Numbers::Source {
      return [&]() -> std::optional<int> {
        if (made == 1'000'000) return std::nullopt;
        return ++made;
      };
    });
    for (int i = 0; i < taken; ++i) ahead.next();
  }
  EXPECT_LT(made, 1'000'000);
}

INSTANTIATE_TEST_SUITE_P(Limits, ReadAheadWith,
                         testing::Values(Numbers::Limits{1, 1, 1}, Numbers::Limits{1, 16, 4},
                                         Numbers::Limits{3, 2, 2}, Numbers::Limits{4, 16, 30}));

}  // namespace
}  // namespace clipclap
