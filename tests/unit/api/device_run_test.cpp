// Whole runs on two simulated GPUs, beside the same on the processor.
#include <filesystem>
#include <fstream>
#include <mutex>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include <clipclap/benchmark.h>
#include <clipclap/device.h>
#include <clipclap/error.h>
#include <clipclap/log.h>
#include <clipclap/tagging.h>

#include "simulated_device.h"

namespace clipclap {
namespace {

constexpr std::size_t kGibibyte = std::size_t{1} << 30;
constexpr int kPictures = 60;

class DeviceRun : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    testing::simulate_devices(2, kGibibyte);
    folder_ =
        std::filesystem::path(::testing::TempDir()) / ("device_run_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    for (int i = 0; i < kPictures; ++i) pictures_.push_back(write_picture(i));
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }
  void TearDown() override {
    testing::set_simulated_memory(kGibibyte);
    set_log_handler({});
  }

  static std::string write_picture(int number) {
    constexpr int kSide = 48;
    const auto path = (folder_ / (std::to_string(number) + ".ppm")).string();
    std::ofstream file(path, std::ios::binary);
    file << "P6 " << kSide << ' ' << kSide << " 255\n";
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const int stripe = (x * (number % 7 + 1) + y * (number % 5 + 1)) % 256;
        file << static_cast<char>(stripe) << static_cast<char>(number) << static_cast<char>(4 * y);
      }
    }
    return path;
  }

  /// The embedding of every picture, in the order of the run.
  static std::vector<std::vector<float>> embeddings(const std::string& device,
                                                    const RunOptions& options = {},
                                                    Precision precision = Precision::kFloat32,
                                                    std::size_t count = kPictures) {
    const auto model = Model::open({.device = device, .precision = precision});
    EXPECT_EQ(model.info().precision, to_string(precision));
    std::vector<std::vector<float>> found;
    embed(
        std::span(&model, 1), std::span(pictures_).first(count), options,
        [&](const EmbedRecord& record) {
          EXPECT_EQ(record.window.file, pictures_[found.size()]);
          found.push_back(record.embedding);
        },
        [](const std::string& input, const Error& error) { FAIL() << input << error.what(); });
    return found;
  }

  static void expect_near(const std::vector<std::vector<float>>& a,
                          const std::vector<std::vector<float>>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < a[i].size(); ++j) ASSERT_NEAR(a[i][j], b[i][j], 2e-6) << i;
    }
  }

  inline static std::filesystem::path folder_;
  inline static std::vector<std::string> pictures_;
};

TEST_F(DeviceRun, DevicesAreListed) {
  const auto devices = list_devices();
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0].name, "cpu");
  EXPECT_GT(devices[0].threads, 0U);
  EXPECT_EQ(devices[1].name, "simulated:0");
  EXPECT_EQ(devices[2].name, "simulated:1");
  EXPECT_EQ(devices[2].total_bytes, kGibibyte);
  EXPECT_EQ(devices[2].precisions, (std::vector<std::string>{"fp32", "bf16", "fp16"}));
}

TEST_F(DeviceRun, AutoTakesThemAllAndTellsSo) {
  EXPECT_EQ(Model::open({.device = "auto", .precision = Precision::kFloat32}).info().device,
            "simulated:0,simulated:1");
  EXPECT_EQ(Model::open().info().device, "cpu");
}

TEST_F(DeviceRun, BothShareTheBatchesOnStreamsOfTheirOwn) {
  const auto reference = embeddings("cpu");
  const std::size_t before[] = {testing::operations_of(0), testing::operations_of(1)};
  const auto streams = testing::streams_in_use();
  expect_near(embeddings("auto", {.batch = 3}), reference);
  EXPECT_GT(testing::operations_of(0), before[0]);
  EXPECT_GT(testing::operations_of(1), before[1]);
  EXPECT_GE(testing::streams_in_use() - streams, 2U);
}

TEST_F(DeviceRun, TooLargeABatchIsHalved) {
  const auto reference = embeddings("cpu");
  std::size_t warnings = 0;
  std::mutex mutex;
  set_log_handler([&](LogLevel level, std::string_view) {
    const std::lock_guard lock(mutex);
    if (level == LogLevel::kWarning) ++warnings;
  });
  // Room for the weights and a few pictures.
  testing::set_simulated_memory(std::size_t{20} << 20);
  const auto refused = testing::refused_allocations();
  expect_near(embeddings("simulated:0", {.batch = 60}), reference);
  EXPECT_GT(testing::refused_allocations(), refused);
  EXPECT_GT(warnings, 0U);
}

TEST_F(DeviceRun, TheBatchIsWhatTheMemoryHolds) {
  const auto batch_with = [](std::size_t bytes) {
    testing::set_simulated_memory(bytes);
    const auto model = Model::open({.device = "simulated:0", .precision = Precision::kFloat32});
    return benchmark(model, {.seconds = 0.01}).batch;
  };
  EXPECT_EQ(batch_with(kGibibyte / 25), 16U);
  EXPECT_GT(batch_with(kGibibyte / 10), 16U);
}

TEST_F(DeviceRun, HalfPrecisionIsNear) {
  const auto reference = embeddings("cpu");
  for (const auto precision : {Precision::kFloat16, Precision::kBfloat16}) {
    const auto found = embeddings("simulated:1", {}, precision, 8);
    ASSERT_EQ(found.size(), 8U);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto cosine =
          std::inner_product(found[i].begin(), found[i].end(), reference[i].begin(), 0.0);
      EXPECT_GT(cosine, 0.999) << i;
    }
  }
}

TEST_F(DeviceRun, IntegersAreForProcessors) {
  try {
    Model::open({.device = "simulated:0", .precision = Precision::kInt8});
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("--device cpu"), std::string::npos);
  }
}

}  // namespace
}  // namespace clipclap
