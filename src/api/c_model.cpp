// The C API of models, and what concerns the library as a whole.
#include <memory>
#include <string>
#include <utility>

#include <clipclap/clipclap.h>
#include <clipclap/json.h>
#include <clipclap/log.h>
#include <clipclap/version.h>

#include "api/c_guard.h"
#include "api/c_handles.h"

using namespace clipclap;
using namespace clipclap::api;

namespace {

struct StatusName {
  clipclap_status status;
  const char* name;
};

constexpr StatusName kStatusNames[] = {{CLIPCLAP_OK, "ok"},
                                       {CLIPCLAP_AGAIN, "again"},
                                       {CLIPCLAP_END, "end"},
                                       {CLIPCLAP_INVALID_ARGUMENT, "invalid_argument"},
                                       {CLIPCLAP_NOT_FOUND, "not_found"},
                                       {CLIPCLAP_IO, "io"},
                                       {CLIPCLAP_INVALID_DATA, "invalid_data"},
                                       {CLIPCLAP_UNSUPPORTED, "unsupported"},
                                       {CLIPCLAP_CANCELLED, "cancelled"},
                                       {CLIPCLAP_OUT_OF_MEMORY, "out_of_memory"},
                                       {CLIPCLAP_INTERNAL, "internal"}};

clipclap_model_options default_options() {
  clipclap_model_options options{};
  options.normalize = 1;
  return options;
}

ModelOptions to_model_options(const clipclap_model_options& given) {
  ModelOptions options{.model = text_of(given.model), .threads = given.threads};
  if (given.device != nullptr) options.device = given.device;
  if (given.precision != nullptr) options.precision = parse_precision(given.precision);
  options.script.tokenizer = text_of(given.tokenizer);
  if (given.logit_scale != 0) options.script.logit_scale = given.logit_scale;
  options.script.image_size = given.image_size;
  options.script.normalize = given.normalize != 0;
  options.script.text_length = given.text_length;
  options.script.sample_rate = given.sample_rate;
  options.script.sample_seconds = given.sample_seconds;
  options.script.forward_order = text_of(given.forward_order);
  return options;
}

}  // namespace

int clipclap_api_version(void) { return CLIPCLAP_API_VERSION; }

const char* clipclap_version(void) {
  static const std::string version = versions().clipclap;
  return version.c_str();
}

const char* clipclap_status_name(clipclap_status status) {
  for (const auto& row : kStatusNames) {
    if (row.status == status) return row.name;
  }
  return "unknown";
}

void clipclap_set_log_handler(void (*handler)(void* user, clipclap_log_level level,
                                              const char* message),
                              void* user) {
  std::string message;
  guard(message, [&] {
    if (handler == nullptr) return set_log_handler({});
    set_log_handler([handler, user](LogLevel level, std::string_view text) {
      handler(user, level == LogLevel::kWarning ? CLIPCLAP_LOG_WARNING : CLIPCLAP_LOG_INFO,
              std::string(text).c_str());
    });
  });
}

void clipclap_model_options_init(clipclap_model_options* options, size_t struct_size) {
  init_options(options, struct_size, default_options());
}

clipclap_status clipclap_model_open(const clipclap_model_options* options, clipclap_model** model,
                                    char* error, size_t error_size) {
  return guard_opening(error, error_size, [&] {
    require(model, "model");
    auto opened = Model::open(to_model_options(read_options(options, default_options())));
    auto info = to_json(opened.info());
    *model = std::make_unique<clipclap_model>(clipclap_model{std::move(opened), std::move(info)})
                 .release();
  });
}

void clipclap_model_free(clipclap_model* model) { std::unique_ptr<clipclap_model>{model}; }

int clipclap_model_sees(const clipclap_model* model) {
  return model != nullptr && model->model.info().sees ? 1 : 0;
}

int clipclap_model_hears(const clipclap_model* model) {
  return model != nullptr && model->model.info().hears ? 1 : 0;
}

int clipclap_model_sample_rate(const clipclap_model* model) {
  return model != nullptr ? model->model.info().sample_rate : 0;
}

double clipclap_model_window_seconds(const clipclap_model* model) {
  return model != nullptr ? model->model.info().window_seconds : 0;
}

const char* clipclap_model_info(const clipclap_model* model) {
  return model != nullptr ? model->info.c_str() : "";
}
