// Who comes first never waits, those behind hold no more than agreed, and nothing waits for ever.
#include "base/thread_shares.h"

#include <chrono>
#include <future>
#include <optional>

#include <gtest/gtest.h>

#include "base/read_ahead.h"

namespace clipclap {
namespace {

using namespace std::chrono_literals;

std::future<ThreadShares::Share> take_aside(ThreadShares& shares, std::size_t number,
                                            std::size_t count) {
  return std::async(std::launch::async,
                    [&shares, number, count] { return shares.take(number, count); });
}

bool waits(const std::future<ThreadShares::Share>& taken) {
  return taken.wait_for(50ms) == std::future_status::timeout;
}

TEST(ThreadShares, WaitForThoseBefore) {
  ThreadShares shares(4);
  auto first = shares.take(1, 3);
  auto second = shares.take(2, 3);
  auto third = take_aside(shares, 3, 3);
  EXPECT_TRUE(waits(third));
  first.reset();
  EXPECT_TRUE(third.get());
}

TEST(ThreadShares, NeverWaitForThoseBehind) {
  ThreadShares shares(4);
  const auto ninth = shares.take(9, 100);
  EXPECT_TRUE(shares.take(8, 100));
  const auto eighth = shares.take(8, 1);
  EXPECT_TRUE(shares.take(0, 1));
}

TEST(ThreadShares, AreNotWaitedForByTheirOwnSource) {
  ThreadShares shares(4);
  const auto pictures = shares.take(0, 4);
  EXPECT_TRUE(shares.take(0, 4));
}

TEST(ThreadShares, WaitNoLongerWhenStopped) {
  ThreadShares shares(1);
  const auto first = shares.take(0, 1);
  auto second = take_aside(shares, 1, 1);
  EXPECT_TRUE(waits(second));
  shares.stop();
  EXPECT_TRUE(second.get());
  EXPECT_TRUE(shares.take(2, 1));
}

/// Sources are opened in any order, and those that are read ahead stop with what they hold.
TEST(ThreadShares, LetEverySourceComeToItsTurn) {
  constexpr std::size_t kSources = 60;
  constexpr std::size_t kEach = 3;
  constexpr int kItems = 40;
  ThreadShares shares(4);
  using Items = ReadAhead<int>;
  Items ahead(kSources, {.threads = 8, .items = 5, .sources = 30},
              [&](std::size_t number) -> Items::Source {
                const auto share = number % 4 == 3 ? nullptr : shares.take(number, kEach);
                return [share, made = 0]() mutable -> std::optional<int> {
                  if (made == kItems) return std::nullopt;
                  return made++;
                };
              });
  for (std::size_t number = 0; number < kSources; ++number) {
    for (int i = 0; i < kItems; ++i) {
      const auto step = ahead.next();
      ASSERT_TRUE(step && step->item);
      ASSERT_EQ(step->number, number);
      ASSERT_EQ(*step->item, i);
    }
    ASSERT_FALSE(ahead.next()->item);
  }
}

}  // namespace
}  // namespace clipclap
