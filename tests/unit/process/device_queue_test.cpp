// The queue on two simulated GPUs, beside the same on the processor.
#include <memory>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/rand.h>
#include <gtest/gtest.h>

#include "model/device.h"
#include "process/picture_queue.h"
#include "script_models.h"
#include "simulated_device.h"

namespace clipclap::process {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

std::vector<at::Tensor> results(const std::string& path, const std::string& devices,
                                const std::vector<at::Tensor>& pictures) {
  auto model = std::make_shared<const model::PictureModel>(
      model::PictureModelOptions{.path = path, .devices = model::parse_devices(devices)});
  PictureQueue queue(std::move(model), {});
  for (const auto& picture : pictures) queue.push(picture);
  std::vector<at::Tensor> made;
  const auto keep = [&](const at::Tensor& picture) { made.push_back(picture.clone()); };
  while (queue.wait(-1, keep) == PictureQueue::Status::kPicture) {
  }
  return made;
}

class DeviceQueue : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { testing::simulate_devices(2, 1024 * kMebibyte); }
};

TEST_F(DeviceQueue, DevicesShareTheBatches) {
  const testing::ScriptFile file(" return (x * 2.0 + 1.0) * x\n");
  std::vector<at::Tensor> pictures;
  for (int i = 0; i < 100; ++i) pictures.push_back(at::rand({3, 33, 17}));
  const auto expected = results(file.path(), "cpu", pictures);
  const auto both_worked = [] {
    return testing::operations_of(0) > 0 && testing::operations_of(1) > 0;
  };
  // On a busy machine one may have done all before the other's thread begins.
  for (int round = 0; round == 0 || (round < 50 && !both_worked()); ++round) {
    const auto made = results(file.path(), "auto", pictures);
    ASSERT_EQ(made.size(), expected.size());
    for (std::size_t i = 0; i < made.size(); ++i) EXPECT_TRUE(at::equal(made[i], expected[i])) << i;
  }
  EXPECT_TRUE(both_worked());
}

TEST_F(DeviceQueue, ABatchThatDoesNotFitGoesOneByOne) {
  const testing::ScriptFile file(" return x * 2.0\n");
  // 3 MiB each: eight of them and what becomes of them are too much.
  const std::vector<at::Tensor> pictures(8, at::rand({3, 512, 512}));
  testing::set_simulated_memory(20 * kMebibyte);
  const auto before = testing::refused_allocations();
  const auto made = results(file.path(), "auto", pictures);
  EXPECT_GT(testing::refused_allocations(), before);
  ASSERT_EQ(made.size(), pictures.size());
  EXPECT_TRUE(at::equal(made.back(), pictures.back() * 2.0));
}

}  // namespace
}  // namespace clipclap::process
