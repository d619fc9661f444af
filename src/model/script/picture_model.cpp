#include "model/script/picture_model.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/replication_pad2d.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <clipclap/error.h>

#include "model/device.h"
#include "model/script/script_file.h"
#include "model/torch_guard.h"

namespace clipclap::model {
namespace {

constexpr std::int64_t kMultiples[] = {1, 2, 4, 8, 16, 32, 64};
constexpr std::int64_t kMostMultiple = 64;
constexpr std::int64_t kChannelCounts[] = {3, 1};

struct Size {
  std::int64_t height;
  std::int64_t width;
};

std::string to_text(Size size) { return fmt::format("{} × {}", size.width, size.height); }

std::string shape_of(const at::Tensor& tensor) {
  return fmt::format("[{}]", fmt::join(tensor.sizes(), ", "));
}

Size size_of(const at::Tensor& pictures) { return {pictures.size(2), pictures.size(3)}; }

Size rounded_up(Size size, std::int64_t multiple) {
  const auto up = [&](std::int64_t side) { return (side + multiple - 1) / multiple * multiple; };
  return {up(size.height), up(size.width)};
}

/// A side whose smallest power of two is `multiple`, and which no picture model is too deep for.
std::int64_t trial_side(std::int64_t multiple, std::int64_t least) {
  const auto factor = (least + multiple - 1) / multiple;
  return multiple * (factor + 1 - factor % 2);
}

/// What one side of an output is without what became of the padding.
std::optional<std::int64_t> cut_side(std::int64_t side, std::int64_t padded, std::int64_t output) {
  if (side * output % padded != 0) return std::nullopt;
  return side * output / padded;
}

void require_file(const std::string& path) {
  std::error_code failure;
  if (std::filesystem::is_regular_file(path, failure)) return;
  if (std::filesystem::exists(path, failure)) {
    throw Error(ErrorCode::kInvalidArgument, "is no file; name a TorchScript file", path);
  }
  throw Error(ErrorCode::kNotFound, "no such file; check the path", path);
}

}  // namespace

struct PictureModel::Implementation {
  PictureModelOptions options;
  // Calling a module is not const in LibTorch, though it changes nothing after eval().
  mutable std::vector<torch::jit::Module> modules;
  std::int64_t channels = 0;
  std::int64_t output_channels = 0;

  explicit Implementation(const PictureModelOptions& given);

  at::Tensor forward(const at::Tensor& batch, std::size_t device) const;
  at::Tensor call(const at::Tensor& batch, std::size_t device) const;
  at::Tensor cut(const at::Tensor& output, Size size, Size padded) const;
  at::Tensor run(const at::Tensor& batch, std::size_t device) const;
  void find_channels();
  void find_multiple();
  bool keeps_ratio(std::int64_t multiple, const at::Tensor& example) const;
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorCode::kInvalidData, message, options.path);
  }
};

PictureModel::Implementation::Implementation(const PictureModelOptions& given) : options(given) {
  require_file(options.path);
  for (const auto device : options.devices) modules.push_back(load_script(options.path, device));
  const auto method = modules.front().find_method("forward");
  if (!method) fail("has no forward(); export a whole model");
  const auto inputs = method->function().getSchema().arguments().size() - 1;
  if (inputs != 1) {
    fail(
        fmt::format("forward() takes {} inputs and not one, [batch, channels, height, width]; "
                    "export a model that makes pictures of pictures",
                    inputs));
  }
  find_channels();
  if (options.multiple == 0) find_multiple();
}

/// What forward() gives, which must be pictures.
at::Tensor PictureModel::Implementation::forward(const at::Tensor& batch,
                                                 std::size_t device) const {
  const auto answer = modules[device].forward({batch});
  if (!answer.isTensor()) {
    fail(
        fmt::format("forward() gives a {} and not one tensor of pictures; export it so that it "
                    "returns that alone",
                    answer.tagKind()));
  }
  const auto& output = answer.toTensor();
  const bool is_batch =
      output.dim() == 4 && output.is_floating_point() && output.size(0) == batch.size(0);
  if (!is_batch || (output.size(1) != 1 && output.size(1) != 3) || output.numel() == 0) {
    fail(fmt::format(
        "forward() gives {} of type {} for {}, and not [{}, 1 or 3, height, width] of "
        "type Float",
        shape_of(output), toString(output.scalar_type()), shape_of(batch), batch.size(0)));
  }
  return output.to(at::kFloat);
}

/// forward() with LibTorch's failures as ours.
at::Tensor PictureModel::Implementation::call(const at::Tensor& batch, std::size_t device) const {
  return with_script(options.path, batch, [&] {
    const c10::InferenceMode no_autograd;
    return forward(batch, device);
  });
}

void PictureModel::Implementation::find_channels() {
  const auto multiple = std::max(options.multiple, kMostMultiple);
  std::string reason;
  for (const auto count : kChannelCounts) {
    try {
      const auto picture = at::rand({1, count, multiple, 2 * multiple});
      output_channels = call(picture.to(options.devices.front()), 0).size(1);
      channels = count;
      return;
    } catch (const Error& failure) {
      if (reason.empty()) reason = failure.message();
    }
  }
  fail(fmt::format("takes pictures neither of 3 channels nor of 1: with 3 it {}", reason));
}

bool PictureModel::Implementation::keeps_ratio(std::int64_t multiple,
                                               const at::Tensor& example) const {
  constexpr Size kLeast{65, 97};
  const Size size{trial_side(multiple, kLeast.height), trial_side(multiple, kLeast.width)};
  const auto picture = at::rand({1, channels, size.height, size.width});
  const auto made = size_of(call(picture.to(options.devices.front()), 0));
  const auto expected = size_of(example);
  return made.height * kMostMultiple == expected.height * size.height &&
         made.width * 2 * kMostMultiple == expected.width * size.width;
}

void PictureModel::Implementation::find_multiple() {
  const auto example = call(
      at::rand({1, channels, kMostMultiple, 2 * kMostMultiple}).to(options.devices.front()), 0);
  std::string reason;
  for (const auto multiple : kMultiples) {
    try {
      if (keeps_ratio(multiple, example)) {
        options.multiple = multiple;
        return;
      }
    } catch (const Error& failure) {
      reason = failure.message();
    }
  }
  fail(reason.empty()
           ? fmt::format("its outputs have no fixed ratio to their inputs (it makes {} of {}); "
                         "export it so that it pads what it takes, or tell the multiple that the "
                         "sides of your pictures are",
                         to_text(size_of(example)), to_text({kMostMultiple, 2 * kMostMultiple}))
           : fmt::format("takes no pictures of varying size: {}; export it so that sides may "
                         "differ, or tell the multiple that they must be",
                         reason));
}

at::Tensor PictureModel::Implementation::cut(const at::Tensor& output, Size size,
                                             Size padded) const {
  const auto made = size_of(output);
  if (size.height == padded.height && size.width == padded.width) return output;
  const auto height = cut_side(size.height, padded.height, made.height);
  const auto width = cut_side(size.width, padded.width, made.width);
  if (!height || !width) {
    fail(
        fmt::format("makes {} of {}, which is {} padded to multiples of {}: the part that is "
                    "wanted ends within a pixel; cut the pictures to such multiples",
                    to_text(made), to_text(padded), to_text(size), options.multiple));
  }
  return output.narrow(2, 0, *height).narrow(3, 0, *width);
}

at::Tensor PictureModel::Implementation::run(const at::Tensor& batch, std::size_t device) const {
  const auto size = size_of(batch);
  const auto padded = rounded_up(size, options.multiple);
  const OnDevice on_device(options.devices[device]);
  auto input = batch.to(options.devices[device]);
  if (padded.height != size.height || padded.width != size.width) {
    const std::int64_t borders[] = {0, padded.width - size.width, 0, padded.height - size.height};
    input = at::replication_pad2d(input, borders);
  }
  const auto output = call(input, device);
  if (output.size(1) != output_channels) {
    fail(fmt::format("gives pictures of {} channels and then of {}", output_channels,
                     output.size(1)));
  }
  const auto pictures = cut(output, size, padded);
  if (!at::isfinite(pictures).all().item<bool>()) {
    fail("gives what are no numbers (NaN) or infinite ones; does it take values of 0 … 1?");
  }
  return pictures.to(at::kCPU).contiguous();
}

PictureModel::PictureModel(const PictureModelOptions& options)
    : implementation_(std::make_unique<Implementation>(options)) {}
PictureModel::~PictureModel() = default;

std::int64_t PictureModel::channels() const { return implementation_->channels; }
std::int64_t PictureModel::output_channels() const { return implementation_->output_channels; }
std::int64_t PictureModel::multiple() const { return implementation_->options.multiple; }
const std::string& PictureModel::path() const { return implementation_->options.path; }
const std::vector<at::Device>& PictureModel::devices() const {
  return implementation_->options.devices;
}

at::Tensor PictureModel::run(const at::Tensor& batch, std::size_t device) const {
  const auto& self = *implementation_;
  return with_torch(self.options.path, [&] { return self.run(batch, device); });
}

}  // namespace clipclap::model
