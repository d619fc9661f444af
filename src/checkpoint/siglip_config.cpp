#include "checkpoint/siglip_config.h"

#include <cmath>

#include <fmt/format.h>

namespace clipclap::checkpoint {
namespace {

constexpr TransformerConfig kBase{.hidden_size = 768,
                                  .intermediate_size = 3072,
                                  .layer_count = 12,
                                  .head_count = 12,
                                  .activation = Activation::kGeluTanh,
                                  .layer_norm_eps = 1e-6};

void read_flexible_vision(SiglipConfig& config, const JsonFields& fields) {
  config.vision.transformer = read_transformer(fields, kBase);
  require_three_channels(fields);
  config.vision.image_size = 0;
  config.vision.patch_size = fields.integer("patch_size", 16, 1, kMaximumImageSize);
  config.position_count = fields.integer("num_patches", 256, 1, kMaximumTokens);
  const int side = static_cast<int>(std::lround(std::sqrt(config.position_count)));
  if (side * side != config.position_count) {
    fields.refuse("num_patches", fmt::format("is {}, which is no square", config.position_count));
  }
}

void require_same_width(const SiglipConfig& config, const JsonFields& text) {
  const int width = config.vision.transformer.hidden_size;
  const int projection = text.find_given("projection_size") == nullptr
                             ? config.text.transformer.hidden_size
                             : text.integer("projection_size", 0, 1, kMaximumWidth);
  if (projection != width) {
    text.refuse("projection_size", fmt::format("makes texts {} wide, but pictures are {} wide "
                                               "(vision_config.hidden_size)",
                                               projection, width));
  }
}

}  // namespace

SiglipConfig parse_siglip_config(const Json& json, const std::string& origin) {
  const JsonFields top(json, origin);
  const auto vision = top.below("vision_config");
  const auto text = top.below("text_config");
  SiglipConfig config;
  if (read_model_type(json) == "siglip2") {
    read_flexible_vision(config, vision);
  } else {
    config.vision =
        read_vision(vision, {.transformer = kBase, .image_size = 224, .patch_size = 16});
  }
  if (!vision.boolean("vision_use_head", true)) {
    vision.refuse("vision_use_head", "is off; without its head the tower gives no embedding",
                  ErrorCode::kUnsupported);
  }
  config.text =
      read_text(text, {.transformer = kBase, .vocabulary_size = 32000, .position_count = 64});
  require_same_width(config, text);
  return config;
}

}  // namespace clipclap::checkpoint
