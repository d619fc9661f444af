#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clipclap/error.h>
#include <clipclap/output_file.h>

namespace clipclap {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "clipclap-output-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const fs::path& path, const std::string& text) const { std::ofstream(path) << text; }
  static std::string get(const fs::path& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }
  void write(const fs::path& path, const std::string& text) const {
    OutputFile file(path.string());
    file.stream() << text;
    file.commit();
  }
  static ErrorCode code_of(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  }

  fs::path folder_;
};

TEST_F(OutputFileTest, IsThereWholeOrNotAtAll) {
  const auto path = folder_ / "out";
  {
    OutputFile file(path.string());
    file.stream() << "lost" << std::flush;
    EXPECT_FALSE(fs::exists(path));
  }
  EXPECT_EQ(entries(), 0U);
  write(path, "kept");
  EXPECT_EQ(get(path), "kept");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(OutputFileTest, AnOldFileStaysUntilTheCommit) {
  const auto path = folder_ / "out";
  put(path, "old");
  {
    OutputFile file(path.string());
    file.stream() << std::string(1 << 20, 'x') << std::flush;
    EXPECT_EQ(get(path), "old");
  }
  EXPECT_EQ(get(path), "old");
  write(path, "new");
  EXPECT_EQ(get(path), "new");
}

TEST_F(OutputFileTest, KeepsPermissionsAndFollowsTheMask) {
  const auto mode = [](const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
  };
  const auto old = folder_ / "old";
  put(old, "old");
  fs::permissions(old, fs::perms(0640));
  write(old, "new");
  EXPECT_EQ(mode(old), 0640U);
  const auto mask = ::umask(027);
  write(folder_ / "new", "new");
  ::umask(mask);
  EXPECT_EQ(mode(folder_ / "new"), 0640U);
}

TEST_F(OutputFileTest, FollowsSymbolicLinks) {
  fs::create_directory(folder_ / "there");
  put(folder_ / "there/file", "old");
  fs::create_symlink("there/file", folder_ / "link");
  fs::create_symlink("link", folder_ / "link to link");
  fs::create_symlink("there/none yet", folder_ / "dangling");
  write(folder_ / "link to link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link to link"));
  EXPECT_EQ(get(folder_ / "there/file"), "new");
  write(folder_ / "dangling", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "dangling"));
  EXPECT_EQ(get(folder_ / "there/none yet"), "new");
  fs::create_symlink("loop", folder_ / "loop");
  EXPECT_EQ(code_of([&] { OutputFile((folder_ / "loop").string()); }), ErrorCode::kIo);
}

TEST_F(OutputFileTest, WhatCannotBeWrittenIsKnownAtOnce) {
  put(folder_ / "file", "");
  for (const auto& path : {folder_ / "no/such", folder_, folder_ / "file/below", fs::path("")}) {
    EXPECT_EQ(code_of([&] { OutputFile(path.string()); }), ErrorCode::kIo) << path;
  }
}

TEST_F(OutputFileTest, AReadOnlyFileIsNotReplaced) {
  const auto path = folder_ / "read-only";
  put(path, "old");
  fs::permissions(path, fs::perms(0444));
  if (::access(path.c_str(), W_OK) == 0) return;  // root may write everything
  EXPECT_EQ(code_of([&] { OutputFile(path.string()); }), ErrorCode::kIo);
}

TEST_F(OutputFileTest, TheLongestNameThereCanBeIsWritten) {
  const auto path = folder_ / std::string(255, 'n');
  write(path, "text");
  EXPECT_EQ(get(path), "text");
}

TEST_F(OutputFileTest, DevicesAreWrittenDirectly) {
  write("/dev/null", "text");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  OutputFile full("/dev/full");
  full.stream() << "text";
  EXPECT_EQ(code_of([&] { full.stream().flush(); }), ErrorCode::kIo);
}

TEST_F(OutputFileTest, NothingThatFailedIsForgotten) {
  OutputFile full("/dev/full");
  EXPECT_THROW(full.stream() << std::string(1 << 20, 'x'), Error);
  EXPECT_ANY_THROW(full.stream() << "more");
}

TEST_F(OutputFileTest, NamedPipesAreWrittenDirectly) {
  const auto path = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string seen;
  std::thread reader([&] { seen = get(path); });
  write(path, std::string(300'000, 'x').append("end"));
  reader.join();
  EXPECT_EQ(seen.size(), 300'003U);
  EXPECT_TRUE(fs::is_fifo(path));
}

TEST_F(OutputFileTest, AReaderThatLeftIsCancelled) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  OutputFile file("/dev/fd/" + std::to_string(ends[1]));
  ::close(ends[0]);
  file.stream() << "text";
  EXPECT_EQ(code_of([&] { file.commit(); }), ErrorCode::kCancelled);
  ::close(ends[1]);
}

TEST_F(OutputFileTest, AGivenDescriptorIsAppendedToAsItWasOpened) {
  const auto path = folder_ / "log";
  put(path, "first\n");
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND);
  write("/dev/fd/" + std::to_string(descriptor), "second\n");
  ::close(descriptor);
  EXPECT_EQ(get(path), "first\nsecond\n");
  EXPECT_EQ(code_of([] { OutputFile("/dev/fd/987"); }), ErrorCode::kIo);
}

TEST_F(OutputFileTest, AbandoningRemovesTheTemporaryFile) {
  OutputFile file((folder_ / "out").string());
  EXPECT_EQ(entries(), 1U);
  file.abandon();
  EXPECT_EQ(entries(), 0U);
}

TEST_F(OutputFileTest, TwoAtOnceDoNotMeet) {
  OutputFile a((folder_ / "a").string());
  OutputFile b((folder_ / "b").string());
  a.stream() << "a";
  b.stream() << "b";
  b.commit();
  a.commit();
  EXPECT_EQ(get(folder_ / "a"), "a");
  EXPECT_EQ(get(folder_ / "b"), "b");
}

}  // namespace
}  // namespace clipclap
