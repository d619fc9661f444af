#include "checkpoint/checkpoint_files.h"

#include <thread>

#include <sys/stat.h>

#include "support.h"

namespace clipclap::checkpoint {
namespace {

using testing::HasSubstr;

/// Sets an environment variable for a test's length.
class ScopedVariable {
 public:
  ScopedVariable(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* old = std::getenv(name_.c_str())) old_ = old;
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~ScopedVariable() {
    if (old_) {
      ::setenv(name_.c_str(), old_->c_str(), 1);
    } else {
      ::unsetenv(name_.c_str());
    }
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  std::string name_;
  std::optional<std::string> old_;
};

TEST(CheckpointFiles, OpensAFolder) {
  const TemporaryFolder folder;
  folder.write("config.json", "{\"a\":1}");
  folder.write("empty.json", "");
  folder.write("sub/x.txt", "x");
  const auto files = CheckpointFiles::open(folder.path().string());
  EXPECT_EQ(files.name(), folder.path().string());
  EXPECT_EQ(files.describe("config.json"), (folder.path() / "config.json").string());
  EXPECT_EQ(files.text("config.json"), "{\"a\":1}");
  EXPECT_EQ(files.text("empty.json"), "");
  EXPECT_EQ(files.text("sub/x.txt"), "x");
  EXPECT_EQ(files.bytes("config.json").data(), files.bytes("config.json").data()) << "mapped once";
}

TEST(CheckpointFiles, BytesOutliveTheObjectTheyCameFrom) {
  const TemporaryFolder folder;
  folder.write("a", "contents");
  auto files = std::make_unique<CheckpointFiles>(CheckpointFiles::open(folder.path().string()));
  const auto copy = *files;
  const auto text = files->text("a");
  files.reset();
  EXPECT_EQ(text, "contents");
}

TEST(CheckpointFiles, SaysWhatTheFolderHoldsInstead) {
  const TemporaryFolder folder;
  const auto files = CheckpointFiles::open(folder.path().string());
  EXPECT_THAT(error_of([&] { files.bytes("config.json"); }).message(),
              HasSubstr("\"config.json\" is not in the folder; it is empty"));
  folder.write("b.txt", "");
  folder.write("a.txt", "");
  const auto error = error_of([&] { files.text("config.json"); });
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  EXPECT_EQ(error.context(), folder.path().string());
  EXPECT_EQ(error.message(), "\"config.json\" is not in the folder; it holds: a.txt, b.txt");
  for (int i = 0; i < 30; ++i) folder.write("file" + std::to_string(i), "");
  EXPECT_THAT(error_of([&] { files.bytes("x"); }).message(), HasSubstr("and 20 more"));
}

TEST(CheckpointFiles, FindsNothingOutsideTheFolder) {
  const TemporaryFolder folder;
  folder.write("secret", "x");
  folder.write("model/config.json", "{}");
  const auto files = CheckpointFiles::open((folder.path() / "model").string());
  for (const auto& name :
       {std::string("../secret"), (folder.path() / "secret").string(),
        std::string("x/../../secret"), std::string("../model/config.json"), std::string(""),
        std::string("."), std::string("/"), std::string("config.json\0", 12)}) {
    EXPECT_FALSE(files.contains(name)) << name;
    EXPECT_EQ(error_of([&] { files.bytes(name); }).code(), ErrorCode::kNotFound) << name;
  }
}

// Opening a pipe would wait for its other end for ever.
TEST(CheckpointFiles, OnlyRegularFilesCount) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "config.json");
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("nowhere", folder.path() / "dangling");
  const auto files = CheckpointFiles::open(folder.path().string());
  for (const auto* name : {"config.json", "pipe", "dangling"}) {
    EXPECT_FALSE(files.contains(name));
    EXPECT_EQ(error_of([&] { files.bytes(name); }).code(), ErrorCode::kNotFound);
  }
}

TEST(CheckpointFiles, TellsFoldersFilesAndHubIdsApart) {
  const TemporaryFolder folder;
  folder.write("file", "x");
  const ScopedVariable cache("HF_HUB_CACHE", folder.path().string());
  const auto refused = [](const std::string& model) {
    auto error = error_of([&] { CheckpointFiles::open(model); });
    EXPECT_EQ(error.context(), model);
    return error;
  };
  EXPECT_EQ(error_of([] { CheckpointFiles::open(""); }).code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused((folder.path() / "file").string()).message(), HasSubstr("is a file"));
  for (const auto& path : {folder.path().string() + "/none", std::string("./none"),
                           std::string("../none/x"), std::string("~/none-of-that-name")}) {
    EXPECT_EQ(refused(path).code(), ErrorCode::kNotFound);
    EXPECT_EQ(refused(path).message(), "there is no such folder") << path;
  }
  EXPECT_THAT(refused("a/b/c").message(), HasSubstr("cannot be a hub id"));
  EXPECT_THAT(refused("no such").message(), HasSubstr("cannot be a hub id"));
  EXPECT_EQ(refused(std::string(100'000, 'x')).code(), ErrorCode::kIo);

  const auto absent = refused("org/name@v2");
  EXPECT_EQ(absent.code(), ErrorCode::kNotFound);
  EXPECT_THAT(absent.message(), HasSubstr(folder.path().string()));
  EXPECT_THAT(absent.message(), HasSubstr("clipclap model pull org/name --revision v2"));
}

TEST(CheckpointFiles, OpensWhatTheCacheHolds) {
  const TemporaryFolder folder;
  const ScopedVariable cache("HF_HUB_CACHE", folder.path().string());
  folder.write("models--org--name/blobs/b1", "{}");
  folder.write("models--org--name/refs/v1", "0123");
  const auto snapshot = folder.path() / "models--org--name" / "snapshots" / "0123";
  std::filesystem::create_directories(snapshot);
  std::filesystem::create_symlink("../../blobs/b1", snapshot / "config.json");

  const auto files = CheckpointFiles::open("org/name@v1");
  EXPECT_EQ(files.name(), snapshot.string());
  EXPECT_EQ(files.text("config.json"), "{}");
  EXPECT_THAT(
      error_of([&] { files.bytes("model.safetensors"); }).message(),
      HasSubstr("it holds: config.json; fetch what is missing with: clipclap model pull org/name "
                "--revision v1"));
  EXPECT_THAT(
      error_of([] { CheckpointFiles::open("org/name"); }).message(),
      HasSubstr("at revision main (only at revision v1); fetch it with: clipclap model pull "
                "org/name"));
}

TEST(CheckpointFiles, HoldsEmbeddedFiles) {
  const std::string text = "{}";
  const auto files = CheckpointFiles::embedded("demo", {{"config.json", as_bytes(text)}});
  EXPECT_EQ(files.name(), "demo");
  EXPECT_EQ(files.describe("config.json"), "demo/config.json");
  EXPECT_TRUE(files.contains("config.json"));
  EXPECT_EQ(files.bytes("config.json").data(), as_bytes(text).data());
  EXPECT_FALSE(files.contains("x"));
  EXPECT_EQ(error_of([&] { files.text("x"); }).context(), "demo");
}

TEST(CheckpointFiles, ManyThreadsMayRead) {
  const TemporaryFolder folder;
  for (int i = 0; i < 20; ++i) folder.write(std::to_string(i), std::to_string(i));
  const auto files = CheckpointFiles::open(folder.path().string());
  std::array<std::thread, 4> threads;
  for (auto& thread : threads) {
    thread = std::thread([&files] {
      for (int i = 0; i < 20; ++i) EXPECT_EQ(files.text(std::to_string(i)), std::to_string(i));
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace clipclap::checkpoint
