// What the picture and text towers of several Hugging Face families have in common.
#pragma once

#include <string_view>

#include "checkpoint/json_fields.h"
#include "checkpoint/model_config.h"

namespace clipclap::checkpoint {

/// Which of a picture's tokens stand for it.
enum class PicturePool {
  kClassToken,
  kMean,       ///< of all patches
  kAttention,  ///< one learned query looks at every patch
};

/// Which token stands for a text (open_clip, transformer.py, text_global_pool).
enum class TextPool {
  kFirst,
  kLast,       ///< of the padded row
  kLargestId,  ///< the first of them
  kEndToken,   ///< the first of them; the row's first token where there is none
};

struct VisionConfig {
  TransformerConfig transformer{
      .hidden_size = 768, .intermediate_size = 3072, .layer_count = 12, .head_count = 12};
  int image_size = 224;
  /// Need not divide image_size: the grid is image_size / patch_size, rounded down, a side.
  int patch_size = 32;

  int patches_a_side() const { return image_size / patch_size; }
};

struct TextConfig {
  TransformerConfig transformer;
  int vocabulary_size = 0;
  int position_count = 0;
};

/// A side of a square: an integer, or [height, width] where both are the same. Throws Error
/// (kUnsupported) for oblongs.
int read_side(const JsonFields& fields, std::string_view key, int fallback);
/// Throws Error (kInvalidData) where `patch_size` leaves a picture no patch, or absurdly many.
void require_patches(const VisionConfig& config, const JsonFields& fields);

/// Reads a transformer's fields, `num_channels`, `image_size` and `patch_size` over the defaults.
/// Throws Error with file and key: kInvalidData, kUnsupported (channels other than 3, oblongs).
VisionConfig read_vision(const JsonFields& fields, const VisionConfig& defaults);
/// Throws Error (kUnsupported) unless `num_channels` is 3.
void require_three_channels(const JsonFields& fields);

/// Reads a transformer's fields, `vocab_size` and `max_position_embeddings` over the defaults.
TextConfig read_text(const JsonFields& fields, const TextConfig& defaults);

}  // namespace clipclap::checkpoint
