#include "model/device.h"

#include <clipclap/device.h>
#include <clipclap/model.h>

#include "model/compute_threads.h"
#include "model/precision.h"

namespace clipclap {

std::vector<DeviceInfo> list_devices() {
  DeviceInfo processor{.name = "cpu",
                       .threads = static_cast<std::size_t>(model::compute_threads())};
  for (const auto precision : model::processor_precisions()) {
    processor.precisions.emplace_back(to_string(precision));
  }
  std::vector<DeviceInfo> devices{std::move(processor)};
  for (auto& device : model::seen_accelerators()) devices.push_back(std::move(device));
  return devices;
}

}  // namespace clipclap
