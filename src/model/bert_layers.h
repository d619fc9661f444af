// Transformer layers under the names that Hugging Face's BERT and RoBERTa give them.
#pragma once

#include "checkpoint/model_config.h"
#include "model/blocks/transformer.h"
#include "model/weights.h"

namespace clipclap::model {

/// Reads `layer.0.*` … below `weights`: attention.self.{query,key,value},
/// attention.output.{dense,LayerNorm}, intermediate.dense, output.{dense,LayerNorm}.
Transformer load_bert_transformer(const Weights& weights,
                                  const checkpoint::TransformerConfig& config);

}  // namespace clipclap::model
