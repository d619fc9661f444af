#include "model/device.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include <ATen/DeviceAccelerator.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/version.h>

#include <clipclap/error.h>

#include "base/log.h"
#include "model/torch_guard.h"

namespace clipclap::model {
namespace {

constexpr std::size_t kLeastBatch = 16;
constexpr std::size_t kMostBatch = 256;  // of more no product gets faster

std::vector<at::Device> accelerators() {
  const auto type = at::accelerator::getAccelerator();
  std::vector<at::Device> devices;
  if (!type) return devices;
  for (c10::DeviceIndex i = 0; i < at::accelerator::deviceCount(); ++i)
    devices.emplace_back(*type, i);
  return devices;
}

at::Device parse_name(std::string_view name) {
  try {
    return at::Device(std::string(name));
  } catch (const c10::Error&) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("the device \"{}\" is not cpu, cuda[:N], xpu[:N], mps or auto", name));
  }
}

at::Device find_device(std::string_view name) {
  const auto wanted = parse_name(name);
  if (wanted.is_cpu()) return at::kCPU;
  for (const auto& device : accelerators()) {
    const bool any = !wanted.has_index();
    if (device.type() == wanted.type() && (any || device.index() == wanted.index())) return device;
  }
  throw Error(ErrorCode::kUnsupported,
              fmt::format("LibTorch {} sees no device \"{}\"; `clipclap devices` lists those that "
                          "it sees",
                          TORCH_VERSION, name));
}

/// By trying: LibTorch's CUDA has no answer where it is asked what a device supports.
bool multiplies(at::Device device, at::ScalarType type) {
  try {
    with_torch("trying precisions", [&] {
      const OnDevice guard(device);
      const auto square = at::ones({8, 8}, at::TensorOptions(device).dtype(type));
      at::matmul(square, square).to(at::kCPU);
    });
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::vector<std::string> precisions_of(at::Device device) {
  std::vector<std::string> names{"fp32"};
  if (multiplies(device, at::kBFloat16)) names.emplace_back("bf16");
  if (multiplies(device, at::kHalf)) names.emplace_back("fp16");
  return names;
}

/// What copies beside its work, from memory that the system may not move.
bool has_streams(at::Device device) {
  return at::accelerator::isAccelerator(device.type()) && !device.is_mps();
}

/// Nothing where the device's allocator does not know.
std::optional<std::pair<std::size_t, std::size_t>> free_and_total(at::Device device) {
  try {
    return at::accelerator::getMemoryInfo(device.index());
  } catch (const c10::Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<at::Device> parse_devices(std::string_view names) {
  if (names == "auto") {
    auto devices = accelerators();
    if (devices.empty()) devices.emplace_back(at::kCPU);
    return devices;
  }
  std::vector<at::Device> devices;
  for (std::size_t start = 0; start <= names.size();) {
    const auto end = std::min(names.find(',', start), names.size());
    const auto name = names.substr(start, end - start);
    const auto device = find_device(name);
    if (std::find(devices.begin(), devices.end(), device) != devices.end()) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("the device \"{}\" is named twice", name));
    }
    devices.push_back(device);
    start = end + 1;
  }
  return devices;
}

std::string device_names(const std::vector<at::Device>& devices) {
  std::vector<std::string> names;
  names.reserve(devices.size());
  for (const auto& device : devices) names.push_back(device.str());
  return fmt::format("{}", fmt::join(names, ","));
}

std::vector<DeviceInfo> seen_accelerators() {
  std::vector<DeviceInfo> found;
  for (const auto& device : accelerators()) {
    DeviceInfo info{.name = device.str(), .precisions = precisions_of(device)};
    if (const auto memory = free_and_total(device)) {
      std::tie(info.free_bytes, info.total_bytes) = *memory;
    }
    found.push_back(std::move(info));
  }
  return found;
}

OnDevice::OnDevice(at::Device device) {
  if (!has_streams(device)) return;
  thread_local std::vector<c10::Stream> streams;
  auto found = std::find_if(streams.begin(), streams.end(),
                            [&](const auto& stream) { return stream.device() == device; });
  if (found == streams.end()) {
    const c10::impl::VirtualGuardImpl guard(device.type());
    found = streams.insert(streams.end(), guard.getStreamFromGlobalPool(device));
  }
  guard_.emplace(*found);
}

at::TensorOptions transfer_options(at::Device device, at::ScalarType type) {
  return at::TensorOptions().dtype(type).pinned_memory(has_streams(device));
}

at::Tensor encode_that_fits(const at::Tensor& batch,
                            const std::function<at::Tensor(const at::Tensor&)>& encode) {
  const auto count = batch.size(0);
  try {
    return encode(batch);
  } catch (const c10::OutOfMemoryError&) {
    if (count == 1) throw;
  }
  log_warning(
      fmt::format("the device has no memory for {} items at once; half of them are tried", count));
  if (at::accelerator::getAccelerator()) at::accelerator::emptyCache();
  const auto half = count / 2;
  return at::cat({encode_that_fits(batch.narrow(0, 0, half), encode),
                  encode_that_fits(batch.narrow(0, half, count - half), encode)});
}

std::size_t batch_for(const MemoryUse& use) {
  const auto most = use.free_bytes / 2 / std::max<std::size_t>(1, use.bytes_an_item * use.threads);
  auto batch = kLeastBatch;
  while (2 * batch <= std::min(most, kMostBatch)) batch *= 2;
  return batch;
}

std::optional<MemoryUse> measure_memory(at::Device device, std::size_t items,
                                        const std::function<void()>& encode) {
  if (!at::accelerator::isAccelerator(device.type()) || !free_and_total(device)) {
    return std::nullopt;
  }
  const auto index = device.index();
  const auto allocated = [&] { return at::accelerator::getDeviceStats(index).allocated_bytes[0]; };
  encode();  // what stays is there from now on
  at::accelerator::resetPeakStats(index);
  const auto before = allocated().current;
  encode();
  const auto bytes = std::max<std::int64_t>(0, allocated().peak - before);
  return MemoryUse{.free_bytes = free_and_total(device)->first,
                   .bytes_an_item = static_cast<std::size_t>(bytes) / items,
                   .threads = kThreadsADevice};
}

}  // namespace clipclap::model
