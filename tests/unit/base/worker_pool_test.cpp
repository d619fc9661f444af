// Every task is done once, failures come back, and the pool may be left at any time.
#include "base/worker_pool.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace clipclap {
namespace {

class WorkerPoolOfSize : public testing::TestWithParam<std::size_t> {};

TEST_P(WorkerPoolOfSize, DoesEveryTaskOnce) {
  std::atomic<std::size_t> prepared = 0;
  std::atomic<int> done = 0;
  {
    WorkerPool<int> pool(GetParam(), [&] { ++prepared; });
    EXPECT_EQ(prepared, 0U) << "threads start with the first task";
    std::vector<std::future<int>> results;
    for (int i = 0; i < 500; ++i) {
      results.push_back(pool.submit([i, &done] {
        ++done;
        return i * i;
      }));
    }
    for (int i = 0; i < 500; ++i) ASSERT_EQ(results[static_cast<std::size_t>(i)].get(), i * i);
  }
  EXPECT_EQ(done, 500);
  EXPECT_LE(prepared, GetParam());
  EXPECT_GE(prepared, 1U);
}

TEST_P(WorkerPoolOfSize, BringsBackWhatATaskThrows) {
  WorkerPool<int> pool(GetParam(), [] {});
  auto bad = pool.submit([]() -> int { throw std::runtime_error("broken weights"); });
  auto good = pool.submit([] { return 7; });
  EXPECT_THROW(bad.get(), std::runtime_error);
  EXPECT_EQ(good.get(), 7);
}

TEST_P(WorkerPoolOfSize, MayBeLeftWithTasksUndone) {
  for (int tasks = 0; tasks < 20; ++tasks) {
    std::atomic<int> done = 0;
    std::vector<std::future<int>> results;
    {
      WorkerPool<int> pool(GetParam(), [] {});
      for (int i = 0; i < tasks; ++i) results.push_back(pool.submit([&done] { return ++done; }));
    }
    EXPECT_LE(done, tasks);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, WorkerPoolOfSize, testing::Values(1, 2, 8));

}  // namespace
}  // namespace clipclap
