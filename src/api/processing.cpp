#include <cmath>
#include <cstring>
#include <utility>

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/processing.h>

#include "media/decoder.h"
#include "model/device.h"
#include "model/script/picture_model.h"
#include "model/torch_guard.h"
#include "process/film.h"
#include "process/picture_queue.h"

namespace clipclap {
namespace {

using process::PictureQueue;

std::shared_ptr<const model::PictureModel> open_model(const ProcessorOptions& options) {
  if (options.model.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "no model is named; name a TorchScript file");
  }
  if (options.threads < 0 || options.multiple < 0) {
    throw Error(ErrorCode::kInvalidArgument, "numbers of threads and multiples are not below 0");
  }
  if (options.threads > 0) at::set_num_threads(options.threads);
  return model::with_torch(options.model, [&] {
    return std::make_shared<const model::PictureModel>(
        model::PictureModelOptions{.path = options.model,
                                   .devices = model::parse_devices(options.device),
                                   .multiple = options.multiple});
  });
}

void require_size(int width, int height) {
  const bool fits = width > 0 && height > 0 && std::int64_t{width} * height <= media::kMaxPixels;
  if (fits) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("there are no pictures of {} × {}", width, height));
}

/// Throws Error (kInvalidArgument) where memory of such planes cannot be right.
template <class Value>
void require_planes(Value* const* planes, const std::ptrdiff_t* strides, std::int64_t count) {
  bool are_there = planes != nullptr && strides != nullptr;
  for (std::int64_t i = 0; are_there && i < count; ++i) are_there = planes[i] != nullptr;
  if (are_there) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("planes or strides are NULL; there are {} of each", count));
}

void require_stride(std::ptrdiff_t stride, std::int64_t width, std::int64_t height) {
  const auto row_bytes = static_cast<std::ptrdiff_t>(sizeof(float)) * width;
  if (height == 1 || std::abs(stride) >= row_bytes) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("a stride of {} bytes holds no row of {} floats", stride, width));
}

template <class Byte, class Value>
Byte* row_of(Value* plane, std::ptrdiff_t stride, std::int64_t row) {
  return reinterpret_cast<Byte*>(plane) + stride * row;
}

at::Tensor read_planes(const float* const* planes, const std::ptrdiff_t* strides,
                       std::int64_t channels, int width, int height) {
  auto picture = at::empty({channels, height, width}, at::kFloat);
  auto* target = picture.mutable_data_ptr<float>();
  for (std::int64_t c = 0; c < channels; ++c) {
    require_stride(strides[c], width, height);
    for (int y = 0; y < height; ++y, target += width) {
      std::memcpy(target, row_of<const std::byte>(planes[c], strides[c], y),
                  sizeof(float) * static_cast<std::size_t>(width));
    }
  }
  return picture;
}

void write_planes(const at::Tensor& picture, float* const* planes, const std::ptrdiff_t* strides) {
  const auto channels = picture.size(0);
  const auto height = picture.size(1);
  const auto width = picture.size(2);
  for (std::int64_t c = 0; c < channels; ++c) require_stride(strides[c], width, height);
  const auto* source = picture.const_data_ptr<float>();
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t y = 0; y < height; ++y, source += width) {
      std::memcpy(row_of<std::byte>(planes[c], strides[c], y), source,
                  sizeof(float) * static_cast<std::size_t>(width));
    }
  }
}

Processor::Status to_public(PictureQueue::Status status) {
  switch (status) {
    case PictureQueue::Status::kPicture:
      return Processor::Status::kPicture;
    case PictureQueue::Status::kAgain:
      return Processor::Status::kAgain;
    case PictureQueue::Status::kEnd:
      break;
  }
  return Processor::Status::kEnd;
}

}  // namespace

Processor::Processor(const ProcessorOptions& options)
    : queue_(std::make_unique<PictureQueue>(
          open_model(options), process::QueueOptions{options.batch, options.batches_in_flight})) {}
Processor::~Processor() = default;
Processor::Processor(Processor&&) noexcept = default;
Processor& Processor::operator=(Processor&&) noexcept = default;

int Processor::channels() const { return static_cast<int>(queue_->model().channels()); }
int Processor::output_channels() const {
  return static_cast<int>(queue_->model().output_channels());
}
int Processor::multiple() const { return static_cast<int>(queue_->model().multiple()); }

PictureSize Processor::output_size(int width, int height) {
  require_size(width, height);
  const auto size = queue_->output_size({.height = height, .width = width});
  return {static_cast<int>(size.width), static_cast<int>(size.height)};
}

void Processor::push(const float* const* planes, const std::ptrdiff_t* strides, int width,
                     int height) {
  require_size(width, height);
  require_planes(planes, strides, channels());
  queue_->push(read_planes(planes, strides, channels(), width, height));
}

Processor::Status Processor::poll(float* const* planes, const std::ptrdiff_t* strides) {
  require_planes(planes, strides, output_channels());
  return to_public(
      queue_->poll([&](const at::Tensor& picture) { write_planes(picture, planes, strides); }));
}

Processor::Status Processor::wait(double timeout_seconds, float* const* planes,
                                  const std::ptrdiff_t* strides) {
  require_planes(planes, strides, output_channels());
  if (std::isnan(timeout_seconds)) {
    throw Error(ErrorCode::kInvalidArgument, "the time to wait is no number");
  }
  return to_public(queue_->wait(
      timeout_seconds, [&](const at::Tensor& picture) { write_planes(picture, planes, strides); }));
}

std::unique_ptr<PictureQueue> Processor::new_queue() const { return queue_->fork(); }

void Processor::flush() { queue_->flush(); }

void process_film(const Processor& processor, const std::string& input, const OutputFile& output,
                  const FilmOptions& options) {
  const auto queue = processor.new_queue();
  process::run_film(*queue, input, output, options);
}

}  // namespace clipclap
