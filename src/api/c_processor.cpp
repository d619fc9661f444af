// The processors of the C API.
#include <memory>
#include <string>

#include <clipclap/clipclap.h>
#include <clipclap/processing.h>

#include "api/c_guard.h"

using clipclap::Error;
using clipclap::ErrorCode;
using clipclap::Processor;
namespace api = clipclap::api;

struct clipclap_processor {
  explicit clipclap_processor(const clipclap::ProcessorOptions& options) : processor(options) {}

  Processor processor;
  api::LastErrors errors{};
};

namespace {

constexpr clipclap_processor_options kDefaults{
    .struct_size = sizeof(clipclap_processor_options),
    .model = nullptr,
    .device = nullptr,
    .threads = 0,
    .batch = 0,
    .batches_in_flight = 0,
    .multiple = 0,
};

clipclap::ProcessorOptions to_options(const clipclap_processor_options* given) {
  const auto options = api::read_options(given, kDefaults);
  return {.model = api::text_of(options.model),
          .device = options.device == nullptr ? "cpu" : options.device,
          .threads = options.threads,
          .batch = api::count_of(options.batch, "batch"),
          .batches_in_flight = api::count_of(options.batches_in_flight, "batches_in_flight"),
          .multiple = options.multiple};
}

clipclap_status to_status(Processor::Status status) {
  switch (status) {
    case Processor::Status::kPicture:
      return CLIPCLAP_OK;
    case Processor::Status::kAgain:
      return CLIPCLAP_AGAIN;
    case Processor::Status::kEnd:
      break;
  }
  return CLIPCLAP_END;
}

/// guard_with(), handing `work` the processor.
template <class Work>
clipclap_status with(clipclap_processor* handle, const Work& work) noexcept {
  return api::guard_with(handle, [&] { return work(handle->processor); });
}

}  // namespace

void clipclap_processor_options_init(clipclap_processor_options* options, size_t struct_size) {
  api::init_options(options, struct_size, kDefaults);
}

clipclap_status clipclap_processor_open(const clipclap_processor_options* options,
                                        clipclap_processor** processor, char* error,
                                        size_t error_size) {
  return api::guard_opening(error, error_size, [&] {
    api::require(processor, "processor");
    *processor = nullptr;
    *processor = std::make_unique<clipclap_processor>(to_options(options)).release();
  });
}

void clipclap_processor_free(clipclap_processor* processor) {
  const std::unique_ptr<clipclap_processor> owned(processor);
}

const char* clipclap_processor_error(const clipclap_processor* processor) {
  return api::error_of(processor, "processor is NULL");
}

int clipclap_processor_channels(const clipclap_processor* processor) {
  return processor == nullptr ? 0 : processor->processor.channels();
}

int clipclap_processor_output_channels(const clipclap_processor* processor) {
  return processor == nullptr ? 0 : processor->processor.output_channels();
}

clipclap_status clipclap_processor_output_size(clipclap_processor* processor, int width, int height,
                                               int* out_width, int* out_height) {
  return with(processor, [&](Processor& self) {
    api::require(out_width, "out_width");
    api::require(out_height, "out_height");
    const auto size = self.output_size(width, height);
    *out_width = size.width;
    *out_height = size.height;
    return CLIPCLAP_OK;
  });
}

clipclap_status clipclap_processor_push(clipclap_processor* processor, const float* const* planes,
                                        const ptrdiff_t* strides, int width, int height) {
  return with(processor, [&](Processor& self) {
    self.push(planes, strides, width, height);
    return CLIPCLAP_OK;
  });
}

clipclap_status clipclap_processor_poll(clipclap_processor* processor, float* const* planes,
                                        const ptrdiff_t* strides) {
  return with(processor, [&](Processor& self) { return to_status(self.poll(planes, strides)); });
}

clipclap_status clipclap_processor_wait(clipclap_processor* processor, double timeout_seconds,
                                        float* const* planes, const ptrdiff_t* strides) {
  return with(processor, [&](Processor& self) {
    return to_status(self.wait(timeout_seconds, planes, strides));
  });
}

clipclap_status clipclap_processor_flush(clipclap_processor* processor) {
  return with(processor, [](Processor& self) {
    self.flush();
    return CLIPCLAP_OK;
  });
}
