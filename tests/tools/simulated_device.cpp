#include "simulated_device.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/as_strided_cpu_dispatch.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/set_cpu_dispatch.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

namespace clipclap::testing {
namespace {

constexpr auto kType = at::DeviceType::PrivateUse1;
constexpr int kMostDevices = 8;

struct Memory {
  std::size_t used = 0;
  std::size_t peak = 0;
};

std::mutex mutex;
int device_count = 0;
std::size_t limit_bytes = 0;
Memory memory[kMostDevices];
std::size_t refused = 0;
std::set<std::pair<int, c10::StreamId>> busy_streams;
std::atomic<std::size_t> operations[kMostDevices];
std::atomic<c10::StreamId> next_stream{1};

thread_local c10::DeviceIndex current_device = 0;
thread_local c10::StreamId current_stream[kMostDevices] = {};

struct Block {
  std::size_t bytes;
  int device;
};

void release(void* block_pointer) {
  auto* block = static_cast<Block*>(block_pointer);
  const std::lock_guard lock(mutex);
  memory[block->device].used -= block->bytes;
  std::free(block);
}

class Allocator final : public c10::DeviceAllocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    const int device = current_device;
    const std::lock_guard lock(mutex);
    auto& own = memory[device];
    if (own.used + bytes > limit_bytes) {
      ++refused;
      TORCH_CHECK_WITH(OutOfMemoryError, false, "simulated device out of memory");
    }
    constexpr std::size_t kHeader = 64;
    void* block = std::aligned_alloc(kHeader, kHeader + (bytes + kHeader - 1) / kHeader * kHeader);
    new (block) Block{bytes, device};
    own.used += bytes;
    own.peak = std::max(own.peak, own.used);
    return {static_cast<char*>(block) + kHeader, block, &release,
            at::Device(kType, static_cast<c10::DeviceIndex>(device))};
  }
  void copy_data(void* to, const void* from, std::size_t count) const override {
    default_copy_data(to, from, count);
  }
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t /*pool*/) override {}
  void recordStream(const c10::DataPtr& /*data*/, c10::Stream /*stream*/) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex device) override {
    const std::lock_guard lock(mutex);
    c10::CachingDeviceAllocator::DeviceStats stats;
    stats.allocated_bytes[0].current = static_cast<std::int64_t>(memory[device].used);
    stats.allocated_bytes[0].peak = static_cast<std::int64_t>(memory[device].peak);
    return stats;
  }
  void resetAccumulatedStats(c10::DeviceIndex /*device*/) override {}
  void resetPeakStats(c10::DeviceIndex device) override {
    const std::lock_guard lock(mutex);
    memory[device].peak = memory[device].used;
  }
  std::pair<std::size_t, std::size_t> getMemoryInfo(c10::DeviceIndex device) override {
    const std::lock_guard lock(mutex);
    return {limit_bytes - std::min(limit_bytes, memory[device].used), limit_bytes};
  }
};

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return kType; }
  c10::Device exchangeDevice(c10::Device device) const override {
    return {kType, std::exchange(current_device, device.index())};
  }
  c10::Device getDevice() const override { return {kType, current_device}; }
  void setDevice(c10::Device device) const override { current_device = device.index(); }
  void uncheckedSetDevice(c10::Device device) const noexcept override {
    current_device = device.index();
  }
  c10::Stream getStream(c10::Device device) const override {
    return c10::Stream(c10::Stream::UNSAFE, device, current_stream[device.index()]);
  }
  c10::Stream getDefaultStream(c10::Device device) const override {
    return c10::Stream(c10::Stream::DEFAULT, device);
  }
  c10::Stream getStreamFromGlobalPool(c10::Device device, bool /*high*/) const override {
    return c10::Stream(c10::Stream::UNSAFE, device, next_stream.fetch_add(1));
  }
  c10::Stream exchangeStream(c10::Stream stream) const override {
    const auto device = stream.device();
    return c10::Stream(c10::Stream::UNSAFE, device,
                       std::exchange(current_stream[device.index()], stream.id()));
  }
  c10::DeviceIndex deviceCount() const noexcept override {
    return static_cast<c10::DeviceIndex>(device_count);
  }
};

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return device_count > 0; }
  bool hasPrimaryContext(c10::DeviceIndex /*device*/) const override { return true; }
  c10::DeviceIndex deviceCount() const override {
    return static_cast<c10::DeviceIndex>(device_count);
  }
  c10::DeviceIndex getCurrentDevice() const override { return current_device; }
  void setCurrentDevice(c10::DeviceIndex device) const override { current_device = device; }
  c10::DeviceIndex exchangeDevice(c10::DeviceIndex device) const override {
    return std::exchange(current_device, device);
  }
  c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex device) const override {
    return exchangeDevice(device);
  }
  at::Allocator* getPinnedMemoryAllocator() const override {
    return c10::GetAllocator(at::DeviceType::CPU);
  }
};

c10::DataPtr allocate_on(const c10::optional<at::Device>& device, std::size_t bytes) {
  const auto wanted = device && device->has_index() ? device->index() : current_device;
  const auto before = std::exchange(current_device, wanted);
  try {
    auto data = c10::GetAllocator(kType)->allocate(bytes);
    current_device = before;
    return data;
  } catch (...) {
    current_device = before;
    throw;
  }
}

at::Tensor make_tensor(at::IntArrayRef size, at::IntArrayRef stride,
                       c10::optional<at::ScalarType> type, c10::optional<at::Device> device) {
  const auto scalar = type.value_or(at::kFloat);
  std::size_t count = 1;
  for (std::size_t i = 0; i < size.size(); ++i) {
    if (size[i] == 0) count = 0;
    if (count > 0) count += static_cast<std::size_t>((size[i] - 1) * stride[i]);
  }
  const auto bytes = count * at::elementSize(scalar);
  auto* allocator = c10::GetAllocator(kType);
  const auto storage = c10::make_intrusive<c10::StorageImpl>(
      c10::StorageImpl::use_byte_size_t(), bytes, allocate_on(device, bytes), allocator, true);
  auto tensor = at::detail::make_tensor<c10::TensorImpl>(
      c10::Storage(storage), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
      c10::scalarTypeToTypeMeta(scalar));
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(size, stride);
  return tensor;
}

at::Tensor empty(at::IntArrayRef size, c10::optional<at::ScalarType> type,
                 c10::optional<at::Layout> /*layout*/, c10::optional<at::Device> device,
                 c10::optional<bool> /*pin*/, c10::optional<at::MemoryFormat> /*format*/) {
  std::vector<std::int64_t> stride(size.size(), 1);
  for (auto i = static_cast<std::ptrdiff_t>(size.size()) - 2; i >= 0; --i) {
    const auto next = static_cast<std::size_t>(i) + 1;
    stride[next - 1] = stride[next] * std::max<std::int64_t>(size[next], 1);
  }
  return make_tensor(size, stride, type, device);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride,
                         c10::optional<at::ScalarType> type, c10::optional<at::Layout> /*layout*/,
                         c10::optional<at::Device> device, c10::optional<bool> /*pin*/) {
  return make_tensor(size, stride, type, device);
}

/// The same memory as the processor sees it.
at::Tensor seen(const at::Tensor& tensor) {
  return at::from_blob(tensor.data_ptr(), tensor.sizes(), tensor.strides(),
                       at::TensorOptions().dtype(tensor.scalar_type()));
}

at::Tensor copy_from(const at::Tensor& source, const at::Tensor& target, bool /*non_blocking*/) {
  seen(target).copy_(seen(source));
  return target;
}

at::Tensor copy_from_and_resize(const at::Tensor& source, const at::Tensor& target) {
  if (target.sizes() != source.sizes()) {
    const auto larger =
        make_tensor(source.sizes(), source.strides(), target.scalar_type(), target.device());
    auto* inner = target.unsafeGetTensorImpl();
    inner->set_storage_keep_dtype(larger.storage());
    inner->set_sizes_and_strides(source.sizes(), source.strides());
  }
  return copy_from(source, target, false);
}

// LibTorch does not hand this one to the fallback.
at::Tensor convolution(const at::Tensor& input, const at::Tensor& weight,
                       const c10::optional<at::Tensor>& bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, std::int64_t groups) {
  const auto here = bias ? c10::optional<at::Tensor>(seen(*bias)) : c10::nullopt;
  return at::convolution(seen(input), seen(weight), here, stride, padding, dilation, transposed,
                         output_padding, groups)
      .to(input.device());
}

at::Scalar local_scalar(const at::Tensor& tensor) { return seen(tensor).item(); }

at::Tensor as_strided(const at::Tensor& tensor, at::IntArrayRef size, at::IntArrayRef stride,
                      c10::optional<std::int64_t> offset) {
  return at::cpu::as_strided(tensor, size, stride, offset);
}

at::Tensor view(const at::Tensor& tensor, at::IntArrayRef size) {
  return at::native::view(tensor, size);
}

at::Tensor reshape_alias(const at::Tensor& tensor, at::IntArrayRef size, at::IntArrayRef stride) {
  return at::cpu::as_strided(tensor, size, stride, tensor.storage_offset());
}

at::Tensor unfold(const at::Tensor& tensor, std::int64_t dim, std::int64_t size,
                  std::int64_t step) {
  return at::native::unfold(tensor, dim, size, step);
}

at::Tensor& set_storage(at::Tensor& tensor, at::Storage storage, std::int64_t offset,
                        at::IntArrayRef size, at::IntArrayRef stride) {
  return at::cpu::set_(tensor, std::move(storage), offset, size, stride);
}

void require_here(const at::Tensor& tensor, const c10::OperatorHandle& operation) {
  if (!tensor.defined() || tensor.dim() == 0) return;  // LibTorch takes numbers from anywhere
  TORCH_CHECK(tensor.device() == at::Device(kType, current_device), "expected all tensors on ",
              at::Device(kType, current_device), ", but ", operation.schema().name(),
              " got one on ", tensor.device());
}

void compute(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  const auto& schema = operation.schema();
  for (const auto& value : torch::jit::last(stack, schema.arguments().size())) {
    if (value.isTensor()) require_here(value.toTensor(), operation);
    if (!value.isTensorList()) continue;
    for (const auto& tensor : value.toTensorVector()) require_here(tensor, operation);
  }
  operations[current_device].fetch_add(1);
  if (current_stream[current_device] != 0) {
    const std::lock_guard lock(mutex);
    busy_streams.insert({current_device, current_stream[current_device]});
  }
  at::native::cpu_fallback(operation, stack);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&compute>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", &empty);
  library.impl("empty_strided", &empty_strided);
  library.impl("_copy_from", &copy_from);
  library.impl("_copy_from_and_resize", &copy_from_and_resize);
  library.impl("_local_scalar_dense", &local_scalar);
  library.impl("convolution_overrideable", &convolution);
  library.impl("as_strided", &as_strided);
  library.impl("_reshape_alias", &reshape_alias);
  library.impl("unfold", &unfold);
  library.impl("view", &view);
  library.impl("set_.source_Storage_storage_offset", &set_storage);
}

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);

}  // namespace

void simulate_devices(int count, std::size_t bytes_each) {
  device_count = count;
  limit_bytes = bytes_each;
  static Allocator allocator;
  static Hooks hooks;
  c10::register_privateuse1_backend("simulated");
  c10::SetAllocator(kType, &allocator);
  at::RegisterPrivateUse1HooksInterface(&hooks);
}

void set_simulated_memory(std::size_t bytes_each) {
  const std::lock_guard lock(mutex);
  limit_bytes = bytes_each;
}

std::size_t refused_allocations() {
  const std::lock_guard lock(mutex);
  return refused;
}

std::size_t operations_of(int device) { return operations[device]; }

std::size_t streams_in_use() {
  const std::lock_guard lock(mutex);
  return busy_streams.size();
}

}  // namespace clipclap::testing
