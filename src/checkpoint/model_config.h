// What the config.json of every Hugging Face family has in common.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "checkpoint/json_fields.h"

namespace clipclap::checkpoint {

/// `model_type`; empty where the config has none, or none that is a string.
std::string read_model_type(const Json& config);

enum class Activation {
  kQuickGelu,  ///< x · sigmoid(1.702 x)
  kGelu,       ///< with erf
  kGeluTanh,   ///< the tanh approximation
  kRelu,
  kSilu,
};

/// Reads a `hidden_act` (transformers, activations.py, ACT2FN); throws Error (kUnsupported) that
/// names it. `where` is file and key.
Activation parse_activation(const std::string& name, const std::string& where);
std::string_view to_string(Activation activation);

/// One transformer: what the picture tower and the text tower have in common.
struct TransformerConfig {
  int hidden_size = 0;  ///< a multiple of head_count
  int intermediate_size = 0;
  int layer_count = 0;
  int head_count = 0;
  Activation activation = Activation::kQuickGelu;
  double layer_norm_eps = 1e-5;
  bool norm_bias = true;
  /// Of attention's first products; Swin transformers may be without.
  bool qkv_bias = true;
  /// What a layer adds is scaled by learned factors (Touvron et al. 2021, section 2.1: LayerScale).
  bool layer_scale = false;
};

/// Limits that no published model comes near; a config beyond them is wrong, or means harm.
inline constexpr int kMaximumWidth = 1 << 16;
inline constexpr int kMaximumInnerWidth = 1 << 18;
inline constexpr int kMaximumLayers = 1 << 10;
inline constexpr int kMaximumImageSize = 1 << 13;
inline constexpr int kMaximumTokens = 1 << 16;
inline constexpr int kMaximumVocabulary = 1 << 24;

/// Reads `hidden_size`, `intermediate_size`, `num_hidden_layers`, `num_attention_heads`,
/// `hidden_act` and `layer_norm_eps` over the defaults given. Throws Error (kInvalidData,
/// kUnsupported) with file and key.
TransformerConfig read_transformer(const JsonFields& fields, const TransformerConfig& defaults);

}  // namespace clipclap::checkpoint
