#include "output/json_text.h"

#include <charconv>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include <clipclap/json.h>

#include "base/json.h"

namespace clipclap {
namespace output {

void append_json_string(std::string& json, std::string_view text) {
  json += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_json_number(std::string& json, float value) {
  char digits[32];
  const auto result = std::to_chars(std::begin(digits), std::end(digits), value);
  json.append(digits, result.ptr);
}

void append_json_seconds(std::string& json, double value) {
  constexpr double kHalfMicrosecond = 0.5e-6;
  // Otherwise a start of -1e-9, from the arithmetic of time bases, would print as -0.000000.
  if (std::fabs(value) < kHalfMicrosecond) value = 0;
  fmt::format_to(std::back_inserter(json), "{:.6f}", value);
}

void append_json_array(std::string& json, std::span<const float> values) {
  char separator = '[';
  if (values.empty()) json += separator;
  for (const float value : values) {
    json += separator;
    append_json_number(json, value);
    separator = ',';
  }
  json += ']';
}

namespace {

using OrderedJson = nlohmann::ordered_json;

std::string to_text(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace
}  // namespace output

std::string to_json(const TokenizedText& text) {
  return output::to_text({{"ids", text.ids}, {"mask", text.mask}, {"tokens", text.tokens}});
}

std::string to_json(const ModelInfo& info) {
  return output::to_text({{"name", info.name},
                          {"family", info.family},
                          {"architecture", info.architecture},
                          {"sees", info.sees},
                          {"hears", info.hears},
                          {"image_size", info.image_size},
                          {"patch_size", info.patch_size},
                          {"patch_limit", info.patch_limit},
                          {"vision_layers", info.vision_layers},
                          {"vision_width", info.vision_width},
                          {"sample_rate", info.sample_rate},
                          {"window_seconds", info.window_seconds},
                          {"audio_layers", info.audio_layers},
                          {"audio_width", info.audio_width},
                          {"text_layers", info.text_layers},
                          {"text_width", info.text_width},
                          {"text_length", info.text_length},
                          {"embedding_dimension", info.embedding_dimension},
                          {"parameters", info.parameters},
                          {"data_type", info.data_type},
                          {"precision", info.precision},
                          {"device", info.device},
                          {"tokenizer", info.tokenizer},
                          {"score", info.score},
                          {"logit_scale", info.logit_scale},
                          {"logit_bias", info.logit_bias}});
}

std::string to_json(const std::vector<DeviceInfo>& devices) {
  const auto known = [](std::size_t number) {
    return number > 0 ? output::OrderedJson(number) : output::OrderedJson();
  };
  auto rows = output::OrderedJson::array();
  for (const auto& device : devices) {
    rows.push_back({{"name", device.name},
                    {"precisions", device.precisions},
                    {"threads", known(device.threads)},
                    {"free_bytes", known(device.free_bytes)},
                    {"total_bytes", known(device.total_bytes)}});
  }
  return output::to_text(rows);
}

std::string to_json(const BenchmarkResult& result) {
  const auto& rate = result.items_per_second;
  output::OrderedJson json{{"model", result.model},           {"precision", result.precision},
                           {"items", result.items},           {"batch", result.batch},
                           {"threads", result.threads},       {"rounds", result.rounds},
                           {"items_per_second", rate.median}, {"lowest", rate.lowest},
                           {"highest", rate.highest},         {"roofline_share", nullptr}};
  if (result.roofline_share) json["roofline_share"] = result.roofline_share->median;
  return output::to_text(json);
}

}  // namespace clipclap
