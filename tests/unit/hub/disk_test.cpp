#include "hub/disk.h"

#include <atomic>
#include <limits>
#include <thread>

#include <clipclap/hub.h>

#include "hub/file_lock.h"
#include "support.h"

namespace clipclap::hub {
namespace {

const Tick kNoTick = [] {};

TEST(Disk, WritesSmallFilesWhole) {
  const TemporaryFolder folder;
  write_small_file(folder.path() / "ref", folder.path(), "old");
  write_small_file(folder.path() / "ref", folder.path(), "new one");
  EXPECT_EQ(contents_of(folder.path() / "ref"), "new one");
  std::filesystem::create_directories(folder.path() / "a" / "folder");
  const auto error =
      error_of([&] { write_small_file(folder.path() / "a", folder.path(), "contents"); });
  EXPECT_EQ(error.code(), ErrorCode::kIo);
  EXPECT_EQ(error.context(), (folder.path() / "a").string());
  const std::filesystem::directory_iterator left(folder.path());
  EXPECT_EQ(std::distance(begin(left), end(left)), 2) << "no temporary file stays";
}

TEST(Disk, KnowsWhatDoesNotFit) {
  const TemporaryFolder folder;
  const auto place = folder.path() / "not" / "there" / "yet";
  require_space(place, 1);
  const auto error =
      error_of([&] { require_space(place, std::numeric_limits<std::uint64_t>::max()); });
  EXPECT_EQ(error.code(), ErrorCode::kIo);
  EXPECT_EQ(error.context(), place.string());
}

TEST(Disk, LocksKeepThreadsApart) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "locks" / "one.lock";
  std::atomic<int> inside = 0;
  const auto work = [&] {
    for (int i = 0; i < 5; ++i) {
      const FileLock lock(path, kNoTick);
      EXPECT_EQ(++inside, 1);
      std::this_thread::yield();
      --inside;
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_TRUE(std::filesystem::exists(path)) << "who waits must not wait at another file";
}

TEST(Disk, WaitsForLocksAreCancelled) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "one.lock";
  const FileLock held(path, kNoTick);
  const auto stop = [] { throw Error(ErrorCode::kCancelled, "stopped"); };
  EXPECT_EQ(error_of([&] { FileLock(path, stop); }).code(), ErrorCode::kCancelled);
}

TEST(FormatSize, CountsAsTheHubDoes) {
  EXPECT_EQ(format_size(0), "0 bytes");
  EXPECT_EQ(format_size(999), "999 bytes");
  EXPECT_EQ(format_size(1000), "1.0 kB");
  EXPECT_EQ(format_size(9'949), "9.9 kB");
  EXPECT_EQ(format_size(9'951), "10 kB");
  EXPECT_EQ(format_size(999'499), "999 kB");
  EXPECT_EQ(format_size(999'501), "1.0 MB");
  EXPECT_EQ(format_size(605'157'884), "605 MB");
  EXPECT_EQ(format_size(1'710'540'580), "1.7 GB");
  EXPECT_EQ(format_size(std::numeric_limits<std::uint64_t>::max()), "18 EB");
}

}  // namespace
}  // namespace clipclap::hub
