#include "checkpoint/towers_config.h"

#include <fmt/format.h>

namespace clipclap::checkpoint {

int read_side(const JsonFields& fields, std::string_view key, int fallback) {
  const auto* value = fields.find(key);
  if (value == nullptr || !value->is_array()) {
    return fields.integer(key, fallback, 1, kMaximumImageSize);
  }
  if (value->size() != 2) fields.refuse(key, "is a list of other than two sizes");
  const int height = fields.as_integer(key, value->at(0), 1, kMaximumImageSize);
  const int width = fields.as_integer(key, value->at(1), 1, kMaximumImageSize);
  if (height != width) {
    fields.refuse(key, fmt::format("is {} by {}; only squares are known", height, width),
                  ErrorCode::kUnsupported);
  }
  return height;
}

void require_patches(const VisionConfig& config, const JsonFields& fields) {
  const int grid = config.patches_a_side();
  if (grid >= 1 && grid * grid < kMaximumTokens) return;
  fields.refuse("patch_size",
                fmt::format("is {}, which cuts a picture of {} pixels a side into {} patches",
                            config.patch_size, config.image_size, grid * grid));
}

void require_three_channels(const JsonFields& fields) {
  const int channels = fields.integer("num_channels", 3, 1, kMaximumWidth);
  if (channels != 3) {
    fields.refuse("num_channels",
                  fmt::format("is {}; only pictures of 3 channels are known", channels),
                  ErrorCode::kUnsupported);
  }
}

VisionConfig read_vision(const JsonFields& fields, const VisionConfig& defaults) {
  VisionConfig config;
  config.transformer = read_transformer(fields, defaults.transformer);
  require_three_channels(fields);
  config.image_size = read_side(fields, "image_size", defaults.image_size);
  config.patch_size = read_side(fields, "patch_size", defaults.patch_size);
  require_patches(config, fields);
  return config;
}

TextConfig read_text(const JsonFields& fields, const TextConfig& defaults) {
  TextConfig config;
  config.transformer = read_transformer(fields, defaults.transformer);
  config.vocabulary_size =
      fields.integer("vocab_size", defaults.vocabulary_size, 1, kMaximumVocabulary);
  config.position_count =
      fields.integer("max_position_embeddings", defaults.position_count, 1, kMaximumTokens);
  return config;
}

}  // namespace clipclap::checkpoint
