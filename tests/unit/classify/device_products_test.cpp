// A tower's products on two simulated GPUs: what a tower's speed there is a share of.
#include <gtest/gtest.h>

#include "base/worker_pool.h"
#include "classify/tower_benchmark.h"
#include "model/architectures.h"
#include "model/device.h"
#include "model/embedded_model.h"
#include "simulated_device.h"

namespace clipclap::classify {
namespace {

class DeviceProducts : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { testing::simulate_devices(2, std::size_t{1} << 30); }
  void TearDown() override { worker_number = 0; }
};

TEST_F(DeviceProducts, EachDeviceHasItsOwn) {
  const auto encoder =
      model::load_model_on(model::parse_devices("auto"), model::open_files("embedded:demo"));
  const auto work = make_tower_work(*encoder, 2);
  ASSERT_TRUE(work.has_products);
  for (int device = 0; device < 2; ++device) {
    worker_number = static_cast<std::size_t>(device);
    const std::size_t before[] = {testing::operations_of(0), testing::operations_of(1)};
    // Held by the processor: a device has then done what it was told to.
    EXPECT_TRUE(work.products().device().is_cpu());
    EXPECT_GT(testing::operations_of(device), before[device]);
    EXPECT_EQ(testing::operations_of(1 - device), before[1 - device]);
  }
}

}  // namespace
}  // namespace clipclap::classify
