// Any bytes as an open_clip_config.json are either refused with an Error or give values that towers
// can be built from.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <clipclap/error.h>

#include "base/json.h"
#include "checkpoint/open_clip_config.h"
#include "checkpoint/open_clip_preprocessing.h"

namespace {

using namespace clipclap;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

template <class Call>
void attempt(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    require(error.code() != ErrorCode::kInternal && !error.message().empty() &&
            !error.context().empty());
  }
}

void check_transformer(const checkpoint::TransformerConfig& config) {
  require(config.hidden_size > 0 && config.intermediate_size > 0 && config.layer_count > 0);
  require(config.head_count > 0 && config.hidden_size % config.head_count == 0);
  require(std::isfinite(config.layer_norm_eps) && config.layer_norm_eps >= 0);
}

void parse_config(const Json& json) {
  checkpoint::is_open_clip_config(json);
  checkpoint::has_logit_bias(json);
  const auto config = checkpoint::parse_open_clip_config(json, "input");
  check_transformer(config.vision.transformer);
  check_transformer(config.text.transformer);
  require(config.embedding_dimension > 0);
  require(config.vision.patches_a_side() > 0);
  require(config.text.vocabulary_size > 0 && config.text.position_count > 0);
  const bool has_class_pool = config.vision.pool == checkpoint::PicturePool::kClassToken;
  require(!has_class_pool || config.vision.class_token);
  if (config.text.projection == checkpoint::Projection::kNone) {
    require(config.text.transformer.hidden_size == config.embedding_dimension);
  }
}

void parse_preprocessing(const Json& json) {
  const auto result = checkpoint::parse_open_clip_preprocessing(json, "input", 224);
  require(result.resize_height == 224 && result.resize_width == 224);
  require(std::all_of(result.mean.begin(), result.mean.end(),
                      [](double mean) { return std::isfinite(mean); }));
  require(std::all_of(result.std.begin(), result.std.end(),
                      [](double std) { return std::isfinite(std) && std != 0; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attempt([&] {
    const auto json = parse_json({reinterpret_cast<const char*>(data), size}, "input");
    attempt([&] { parse_config(json); });
    attempt([&] { parse_preprocessing(json); });
  });
  return 0;
}
