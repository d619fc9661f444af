// model_cfg of an open_clip_config.json, every default filled in (open_clip 3.3: model.py,
// CLIPVisionCfg and CLIPTextCfg; timm_model.py; factory.py, create_model and get_tokenizer).
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "checkpoint/open_clip_tokenizer.h"
#include "checkpoint/towers_config.h"

namespace clipclap::checkpoint {

/// How a tower's width becomes the embedding's.
enum class Projection {
  kNone,
  kMatrix,  ///< x·P with P stored as [width, embedding]
  kLinear,  ///< weight stored as [embedding, width]
  kLinearWithBias,
  kTimmClassifier,  ///< the same in the place of a timm trunk's classifier
};

struct OpenClipVisionConfig : VisionConfig {
  bool is_timm = false;  ///< tensors bear timm's names
  bool class_token = true;
  bool pre_norm = true;     ///< before the layers
  bool patch_bias = false;  ///< in the first product
  PicturePool pool = PicturePool::kClassToken;
  bool norm_after_pool = false;
  Projection projection = Projection::kMatrix;
};

struct OpenClipTextConfig : TextConfig {
  bool causal = true;
  TextPool pool = TextPool::kLargestId;
  std::int64_t end_id = 2;  ///< for TextPool::kEndToken
  Projection projection = Projection::kMatrix;
  OpenClipTokenizer tokenizer;
};

struct OpenClipConfig {
  int embedding_dimension = 0;
  bool has_logit_bias = false;
  OpenClipVisionConfig vision;
  OpenClipTextConfig text;
};

/// Whether the file is of open_clip's form, whatever the model in it.
bool is_open_clip_config(const Json& config);

/// Whether scores are meant as SigLIP's: init_logit_bias is given.
bool has_logit_bias(const Json& config);

/// Throws Error with file and key: kInvalidData for what is missing, of a wrong type, absurd or
/// does not fit; kUnsupported for keys that open_clip does not know, for options that change
/// numbers in a way not known here, and for towers that only a TorchScript export could bring.
OpenClipConfig parse_open_clip_config(const Json& config, const std::string& origin);

}  // namespace clipclap::checkpoint
