// Where towers compute: all that is said of devices other than the processor is said here. It goes
// by LibTorch's word for any accelerator (ATen/DeviceAccelerator.h), so that CUDA, XPU and MPS are
// one, and a LibTorch without them compiles.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/StreamGuard.h>

#include <clipclap/device.h>

namespace clipclap::model {

/// "cpu", "cuda", "cuda:1", "xpu:0", "mps", several with commas between them, or "auto": every
/// device of the accelerator that there is, else the processor. Throws Error: kInvalidArgument for
/// other names, kUnsupported for what LibTorch does not see.
std::vector<at::Device> parse_devices(std::string_view names);

/// "cuda:0,cuda:1".
std::string device_names(const std::vector<at::Device>& devices);

/// Those that LibTorch sees.
std::vector<DeviceInfo> seen_accelerators();

/// While it lives, the calling thread's work goes to the device, and there to a stream that is the
/// thread's own: one thread's copies then run beside another's products.
class OnDevice {
 public:
  explicit OnDevice(at::Device device);

 private:
  std::optional<c10::StreamGuard> guard_;
};

/// How many threads keep a device busy, one with copies while the other's products run.
inline constexpr std::size_t kThreadsADevice = 2;

/// For memory that is copied to a device while its processor goes on.
at::TensorOptions transfer_options(at::Device device, at::ScalarType type);

/// [batch, …] → rows, in halves of halves where the device has not enough memory for them at once.
at::Tensor encode_that_fits(const at::Tensor& batch,
                            const std::function<at::Tensor(const at::Tensor&)>& encode);

/// What is known of a device's memory.
struct MemoryUse {
  std::size_t free_bytes = 0;
  std::size_t bytes_an_item = 0;
  std::size_t threads = 1;  ///< that each have a batch
};

/// The largest power of two whose batches take half of what is free, from 16 to 256.
std::size_t batch_for(const MemoryUse& use);

/// What `encode`, of so many items, makes of the device's memory. Nothing where the device does not
/// tell.
std::optional<MemoryUse> measure_memory(at::Device device, std::size_t items,
                                        const std::function<void()>& encode);

}  // namespace clipclap::model
