#include "hub/retry.h"

#include "support.h"

namespace clipclap::hub {
namespace {

using std::chrono::steady_clock;

const Tick kNoTick = [] {};

RetryPolicy quick(int retries) {
  return {.retries = retries,
          .first_pause = std::chrono::duration<double>(0.001),
          .longest_pause = std::chrono::duration<double>(0.004)};
}

TEST(Retry, EndsAfterAsManyAsItMay) {
  for (const int retries : {0, 1, 5}) {
    Retry retry(quick(retries), kNoTick);
    int tries = 1;
    while (retry.pause("busy")) ++tries;
    EXPECT_EQ(tries, retries + 1);
    EXPECT_FALSE(retry.pause("busy"));
  }
}

TEST(Retry, StartsAnewAfterProgress) {
  Retry retry(quick(1), kNoTick);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(retry.pause("cut"));
    retry.start_anew();
  }
  EXPECT_TRUE(retry.pause("cut"));
  EXPECT_FALSE(retry.pause("cut"));
}

TEST(Retry, WaitsAsLongAsItIsAskedTo) {
  Retry retry(quick(3), kNoTick);
  const auto begin = steady_clock::now();
  EXPECT_TRUE(retry.pause("busy", std::chrono::seconds(1)));
  EXPECT_GE(steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_FALSE(retry.pause("busy", kLongestAskedPause + std::chrono::seconds(1)));
}

TEST(Retry, WaitsAreCancelled) {
  int left = 3;
  const Tick tick = [&] {
    if (--left == 0) throw Error(ErrorCode::kCancelled, "stopped");
  };
  const auto begin = steady_clock::now();
  EXPECT_EQ(error_of([&] { wait_for(std::chrono::seconds(60), tick); }).code(),
            ErrorCode::kCancelled);
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace clipclap::hub
