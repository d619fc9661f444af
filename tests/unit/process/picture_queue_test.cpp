#include "process/picture_queue.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <clipclap/error.h>

#include "script_models.h"

namespace clipclap::process {
namespace {

using Status = PictureQueue::Status;
using testing::ScriptFile;

constexpr std::int64_t kSide = 8;

at::Tensor picture_of(double value, std::int64_t side = kSide) {
  return at::full({3, side, side}, value);
}

class Values {
 public:
  PictureQueue::Use use() {
    return [this](const at::Tensor& picture) {
      EXPECT_EQ(picture.min().item<float>(), picture.max().item<float>());
      values_.push_back(picture.min().item<float>());
    };
  }
  const std::vector<float>& all() const { return values_; }

 private:
  std::vector<float> values_;
};

std::unique_ptr<PictureQueue> make_queue(const ScriptFile& file, const QueueOptions& options) {
  auto model =
      std::make_shared<const model::PictureModel>(model::PictureModelOptions{.path = file.path()});
  return std::make_unique<PictureQueue>(std::move(model), options);
}

void expect_in_order(const std::vector<float>& values, int count) {
  ASSERT_EQ(values.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], 2.0F * i);
}

const char* const kDouble = " return x * 2.0\n";

TEST(PictureQueue, KeepsTheOrderWhateverTheBatch) {
  constexpr int kCount = 37;
  const ScriptFile file(kDouble);
  for (const std::size_t batch : {0, 1, 4, 64}) {
    for (const std::size_t in_flight : {0, 1, 3}) {
      const auto queue = make_queue(file, {.batch = batch, .batches_in_flight = in_flight});
      Values values;
      for (int i = 0; i < kCount; ++i) {
        queue->push(picture_of(i));
        while (queue->poll(values.use()) == Status::kPicture) {
        }
      }
      queue->flush();
      while (queue->wait(-1, values.use()) == Status::kPicture) {
      }
      expect_in_order(values.all(), kCount);
    }
  }
}

TEST(PictureQueue, OneThreadPushesWhileAnotherWaits) {
  constexpr int kCount = 200;
  const ScriptFile file(kDouble);
  const auto queue = make_queue(file, {.batch = 3, .batches_in_flight = 2});
  Values values;
  std::thread pusher([&] {
    for (int i = 0; i < kCount; ++i) queue->push(picture_of(i));
  });
  while (values.all().size() < kCount) queue->wait(0.001, values.use());
  pusher.join();
  EXPECT_EQ(queue->wait(-1, values.use()), Status::kEnd);
  expect_in_order(values.all(), kCount);
}

TEST(PictureQueue, TellsWhatIsNotThereFromWhatIsNotReady) {
  const ScriptFile file(kDouble);
  const auto queue = make_queue(file, {.batch = 4});
  Values values;
  EXPECT_EQ(queue->poll(values.use()), Status::kEnd);
  EXPECT_EQ(queue->wait(-1, values.use()), Status::kEnd);
  queue->flush();
  queue->push(picture_of(1));
  EXPECT_EQ(queue->poll(values.use()), Status::kAgain);
  EXPECT_EQ(queue->wait(-1, values.use()), Status::kPicture);
  EXPECT_EQ(queue->poll(values.use()), Status::kEnd);
  queue->push(picture_of(2));
  EXPECT_EQ(queue->wait(1e9, values.use()), Status::kPicture);
}

TEST(PictureQueue, PushingNeverWaitsForWhoTakes) {
  constexpr int kCount = 50;
  const ScriptFile file(kDouble);
  const auto queue = make_queue(file, {.batch = 1, .batches_in_flight = 1});
  for (int i = 0; i < kCount; ++i) queue->push(picture_of(i));
  Values values;
  while (queue->wait(-1, values.use()) == Status::kPicture) {
  }
  expect_in_order(values.all(), kCount);
}

TEST(PictureQueue, OnePictureThatFailsFailsAlone) {
  const ScriptFile file(" return torch.where(x == 3.0, float('nan'), x * 2.0)\n");
  for (const std::size_t batch : {1, 8}) {
    const auto queue = make_queue(file, {.batch = batch});
    Values values;
    for (int i = 0; i < 6; ++i) queue->push(picture_of(i));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(queue->wait(-1, values.use()), Status::kPicture);
    EXPECT_THROW(queue->wait(-1, values.use()), Error);
    for (int i = 4; i < 6; ++i) EXPECT_EQ(queue->wait(-1, values.use()), Status::kPicture);
    EXPECT_EQ(queue->wait(-1, values.use()), Status::kEnd);
    EXPECT_EQ(values.all(), (std::vector<float>{0, 2, 4, 8, 10}));
  }
}

TEST(PictureQueue, WhatIsNotUsedStays) {
  const ScriptFile file(kDouble);
  const auto queue = make_queue(file, {});
  queue->push(picture_of(1));
  const auto refuse = [](const at::Tensor&) { throw Error(ErrorCode::kIo, "full"); };
  EXPECT_THROW(queue->wait(-1, refuse), Error);
  Values values;
  EXPECT_EQ(queue->wait(-1, values.use()), Status::kPicture);
  EXPECT_EQ(values.all(), std::vector<float>{2});
}

TEST(PictureQueue, SizesDoNotChange) {
  const ScriptFile file(kDouble);
  const auto queue = make_queue(file, {});
  queue->push(picture_of(1));
  EXPECT_THROW(queue->push(picture_of(1, 2 * kSide)), Error);
  const ScriptFile moody(
      " if bool(x.mean() > 1.5):\n  return x[:, :, 1:]\n else:\n  return x * 1.0\n");
  const auto varying = make_queue(moody, {.batch = 1});
  EXPECT_EQ(varying->output_size({kSide, kSide}), (PictureQueue::Size{kSide, kSide}));
  varying->push(picture_of(2));
  varying->push(picture_of(1));
  Values values;
  EXPECT_THROW(varying->wait(-1, values.use()), Error);
  EXPECT_EQ(varying->wait(-1, values.use()), Status::kPicture);
}

}  // namespace
}  // namespace clipclap::process
