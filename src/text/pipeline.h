// The stages of a tokenizer, ready to be put together.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "text/json/tokenizer_document.h"
#include "text/length.h"
#include "text/models/model.h"
#include "text/normalizers/normalizer.h"
#include "text/post_processors/post_processor.h"
#include "text/pre_tokenizers/pre_tokenizer.h"

namespace clipclap::text {

struct Pipeline {
  std::string origin;  ///< how messages name the file
  NormalizerPointer normalizer{};
  PreTokenizerPointer pre_tokenizer{};
  ModelPointer model{};               ///< the only stage that must be there
  Json added_tokens = Json::array();  ///< as "added_tokens" of a tokenizer.json
  PostProcessorPointer post_processor{};
  std::optional<Truncation> truncation{};
  std::optional<Padding> padding{};
};

/// What a tokenizer.json describes. Throws Error: kInvalidData, kUnsupported, with the path of what
/// is wrong.
Pipeline read_pipeline(TokenizerDocument document, std::string origin);

}  // namespace clipclap::text
