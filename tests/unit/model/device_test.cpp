#include "model/device.h"

#include <optional>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include <clipclap/error.h>

namespace clipclap::model {
namespace {

std::optional<ErrorCode> refusal_of(std::string_view names) {
  try {
    parse_devices(names);
  } catch (const Error& error) {
    return error.code();
  }
  return std::nullopt;
}

TEST(Devices, TheProcessorIsAlwaysThere) {
  EXPECT_EQ(parse_devices("cpu"), std::vector<at::Device>{at::kCPU});
  EXPECT_FALSE(parse_devices("auto").empty());
}

TEST(Devices, AutoIsWhatIsSeen) {
  const auto seen = seen_accelerators();
  const auto found = parse_devices("auto");
  if (seen.empty()) {
    EXPECT_EQ(device_names(found), "cpu");
    return;
  }
  ASSERT_EQ(found.size(), seen.size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(found[i].str(), seen[i].name);
}

TEST(Devices, OtherNamesAreRefused) {
  for (const auto* name :
       {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cpu,", ",cpu", "CPU", "cpu,cpu", "auto,cpu"}) {
    EXPECT_EQ(refusal_of(name), ErrorCode::kInvalidArgument) << name;
  }
}

TEST(Devices, WhatIsNotThereIsNotSupported) {
  EXPECT_EQ(refusal_of("cuda:77"), ErrorCode::kUnsupported);
  EXPECT_EQ(refusal_of("cpu,xpu:77"), ErrorCode::kUnsupported);
  EXPECT_EQ(refusal_of("meta"), ErrorCode::kUnsupported);
}

/// A tower on a device with room for so many rows; rows become their doubles.
class SmallDevice {
 public:
  explicit SmallDevice(std::int64_t room) : room_(room) {}

  at::Tensor operator()(const at::Tensor& batch) {
    TORCH_CHECK_WITH(OutOfMemoryError, batch.size(0) <= room_, "no memory");
    taken_ += batch.size(0);
    return batch * 2;
  }
  std::int64_t taken() const { return taken_; }

 private:
  std::int64_t room_;
  std::int64_t taken_ = 0;
};

TEST(OutOfMemory, IsAnsweredBySmallerBatchesInOrder) {
  const auto batch = at::arange(39).view({13, 3});
  for (std::int64_t room = 1; room <= 14; ++room) {
    SmallDevice device(room);
    const auto rows = encode_that_fits(batch, std::ref(device));
    EXPECT_TRUE(rows.equal(batch * 2)) << room;
    EXPECT_EQ(device.taken(), 13) << room;
  }
}

TEST(OutOfMemory, OfASingleItemIsAFailure) {
  SmallDevice device(0);
  EXPECT_THROW(encode_that_fits(at::arange(4).view({4, 1}), std::ref(device)),
               c10::OutOfMemoryError);
}

TEST(OutOfMemory, OtherFailuresAreNotTriedAgain) {
  int calls = 0;
  const auto fails = [&](const at::Tensor&) -> at::Tensor {
    ++calls;
    TORCH_CHECK(false, "broken");
  };
  EXPECT_THROW(encode_that_fits(at::arange(4).view({4, 1}), fails), c10::Error);
  EXPECT_EQ(calls, 1);
}

TEST(BatchFor, LeavesHalfOfTheMemoryFree) {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  for (const std::size_t free : {1, 100, 3000, 16000, 80000}) {
    for (const std::size_t item : {1, 7, 40, 400}) {
      const MemoryUse use{free * kMebibyte, item * kMebibyte, 2};
      const auto batch = batch_for(use);
      EXPECT_TRUE(batch >= 16 && batch <= 256 && (batch & (batch - 1)) == 0);
      EXPECT_TRUE(batch == 16 || 2 * batch * item * use.threads <= free);
      EXPECT_TRUE(batch == 256 || 4 * batch * item * use.threads > free);
    }
  }
  EXPECT_EQ(batch_for({.free_bytes = kMebibyte, .bytes_an_item = 0}), 256U);
}

TEST(MeasureMemory, TheProcessorDoesNotTell) {
  EXPECT_FALSE(measure_memory(at::kCPU, 4, [] { FAIL() << "nothing to measure"; }));
}

}  // namespace
}  // namespace clipclap::model
