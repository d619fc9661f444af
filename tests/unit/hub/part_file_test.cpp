#include "hub/part_file.h"

#include "support.h"

namespace clipclap::hub {
namespace {

const Tick kNoTick = [] {};

TEST(PartFile, DigestsWhatIsAppended) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "deep" / "part";
  PartFile part(path, kAbc, kNoTick);
  EXPECT_FALSE(part.is_complete());
  part.append("a");
  part.append("");
  part.append("bc");
  EXPECT_TRUE(part.is_complete());
  EXPECT_EQ(part.kept(), 0U);
  EXPECT_EQ(part.finish(), kSha256OfAbc);
  part.flush();
  EXPECT_EQ(contents_of(path), "abc");
}

TEST(PartFile, GoesOnWhereItWasLeft) {
  const TemporaryFolder folder;
  folder.write("part", "ab");
  int ticks = 0;
  PartFile part(folder.path() / "part", kAbc, [&] { ++ticks; });
  EXPECT_GT(ticks, 0);
  EXPECT_EQ(part.size(), 2U);
  EXPECT_EQ(part.kept(), 2U);
  part.append("c");
  EXPECT_EQ(part.appended(), 1U);
  EXPECT_EQ(part.finish(), kSha256OfAbc);
}

TEST(PartFile, BeginsAnew) {
  const TemporaryFolder folder;
  folder.write("part", "xy");
  PartFile part(folder.path() / "part", kAbc, kNoTick);
  part.restart();
  EXPECT_EQ(part.size(), 0U);
  EXPECT_EQ(part.kept(), 0U);
  part.append("abc");
  EXPECT_EQ(part.finish(), kSha256OfAbc);
  EXPECT_EQ(contents_of(folder.path() / "part"), "abc");
}

TEST(PartFile, DropsWhatIsTooLong) {
  const TemporaryFolder folder;
  folder.write("part", "abcd");
  PartFile part(folder.path() / "part", kAbc, kNoTick);
  EXPECT_EQ(part.size(), 0U);
  EXPECT_EQ(contents_of(folder.path() / "part"), "");
}

TEST(PartFile, TakesNoMoreThanTheFileHas) {
  const TemporaryFolder folder;
  PartFile part(folder.path() / "part", kAbc, kNoTick);
  part.append("ab");
  EXPECT_EQ(error_of([&] { part.append("cd"); }).code(), ErrorCode::kInvalidData);
  EXPECT_EQ(part.size(), 2U);
}

TEST(PartFile, KnowsGitsEmptyBlob) {
  const TemporaryFolder folder;
  PartFile part(folder.path() / "part", {.name = "empty", .etag = kEmptyBlob}, kNoTick);
  EXPECT_TRUE(part.is_complete());
  EXPECT_EQ(part.finish(), kEmptyBlob);
}

TEST(PartFile, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  folder.write("target", "abc");
  std::filesystem::create_directories(folder.path() / "folder");
  std::filesystem::create_symlink("target", folder.path() / "link");
  for (const auto* name : {"folder", "link", "target/x"}) {
    const auto error = error_of([&] { PartFile(folder.path() / name, kAbc, kNoTick); });
    EXPECT_EQ(error.code(), ErrorCode::kIo) << name;
  }
  EXPECT_EQ(contents_of(folder.path() / "target"), "abc");
}

TEST(PartFile, CanBeCancelledWhileItReads) {
  const TemporaryFolder folder;
  folder.write("part", "ab");
  const auto stop = [] { throw Error(ErrorCode::kCancelled, "stopped"); };
  EXPECT_EQ(error_of([&] { PartFile(folder.path() / "part", kAbc, stop); }).code(),
            ErrorCode::kCancelled);
  EXPECT_EQ(contents_of(folder.path() / "part"), "ab");
}

}  // namespace
}  // namespace clipclap::hub
