// Transformer layers under the names that a packaging gives them.
#pragma once

#include <string_view>

#include "checkpoint/model_config.h"
#include "model/blocks/transformer.h"
#include "model/weights.h"

namespace clipclap::model {

/// Names below one layer; what belongs to LayerScale may be empty.
struct LayerNames {
  std::string_view list;  ///< the layers are LIST.0, LIST.1 …
  std::string_view attention_norm;
  AttentionWeights (*load_attention)(const Weights& layer,
                                     const checkpoint::TransformerConfig& config);
  std::string_view mlp_norm;
  std::string_view mlp_in, mlp_out;  ///< layers with weight and bias
  std::string_view attention_scale{}, mlp_scale{};
  NormPlace norms = NormPlace::kBefore;
};

extern const LayerNames kHuggingFaceLayers;  ///< CLIP's and SigLIP's in transformers
extern const LayerNames kOpenClipLayers;
extern const LayerNames kTimmLayers;       ///< and those of HTS-AT's authors
extern const LayerNames kBertLayers;       ///< BERT's and RoBERTa's in transformers
extern const LayerNames kClapAudioLayers;  ///< HTS-AT's in transformers

MlpWeights load_mlp(const Weights& weights, std::string_view in, std::string_view out,
                    std::int64_t width, std::int64_t inner);

/// Reads one layer; `layer` is what its names are below.
TransformerLayer load_layer(const Weights& layer, const checkpoint::TransformerConfig& config,
                            bool causal, const LayerNames& names);

/// Reads every layer below `weights`.
Transformer load_transformer(const Weights& weights, const checkpoint::TransformerConfig& config,
                             bool causal, const LayerNames& names);

}  // namespace clipclap::model
