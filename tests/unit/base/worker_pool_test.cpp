// Every task is done once, failures come back, and the pool may be left at any time.
#include "base/worker_pool.h"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace clipclap {
namespace {

class WorkerPoolOfSize : public testing::TestWithParam<std::size_t> {};

TEST_P(WorkerPoolOfSize, DoesEveryTaskOnce) {
  std::vector<std::atomic<int>> prepared(GetParam());
  std::atomic<int> done = 0;
  {
    WorkerPool<int> pool(GetParam(), [&] { ++prepared.at(worker_number); });
    EXPECT_EQ(std::count(prepared.begin(), prepared.end(), 0), static_cast<int>(GetParam()))
        << "threads start with the first task";
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
  // Those that came too late for a task have none to prepare for.
  EXPECT_TRUE(std::all_of(prepared.begin(), prepared.end(), [](int times) { return times <= 1; }));
  EXPECT_TRUE(std::any_of(prepared.begin(), prepared.end(), [](int times) { return times == 1; }));
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
