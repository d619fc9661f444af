// The file that says how a model's input is prepared.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/json_fields.h"

namespace clipclap::checkpoint {

/// One processor's settings: `preprocessor_config.json`, or its part of `processor_config.json`.
struct ProcessorDocument {
  Json json;
  std::string origin;
  std::string prefix;  ///< the path of keys to it

  /// Views the document.
  JsonFields fields() const { return JsonFields(json, origin, prefix); }
};

/// `name` is "image_processor" or "feature_extractor", under which the settings of one processor
/// among several stand. `what` is what they prepare, for messages: "pictures". Throws Error:
/// kNotFound where neither file is there, or the second lacks the processor; kInvalidData.
ProcessorDocument read_processor_document(const CheckpointFiles& files, std::string_view name,
                                          std::string_view what);

}  // namespace clipclap::checkpoint
