// What open_clip_config.json says of texts before they are tokens.
#pragma once

#include <cstddef>
#include <string>

#include "checkpoint/checkpoint_files.h"
#include "checkpoint/json_fields.h"

namespace clipclap::checkpoint {

/// As open_clip 3.3 reads it (factory.py, get_tokenizer; tokenizer.py).
struct OpenClipTokenizer {
  /// Where open_clip looks for a Hugging Face tokenizer; empty for its own CLIP BPE.
  std::string hub_name;
  std::string cleaning = "lower";  ///< a name that text::find_cleaning knows
  bool blanks_separator = false;   ///< id 0 in the place of the separator
  std::size_t length = 77;         ///< tokens; texts are cut and filled up to it
};

/// Of "text_cfg". Throws Error with file and key: kInvalidData; kUnsupported for options that are
/// not known.
OpenClipTokenizer parse_open_clip_tokenizer(const JsonFields& text_config);

/// Of the folder's open_clip_config.json, or the defaults where it has none or none that says
/// anything of texts. Throws Error as above.
OpenClipTokenizer read_open_clip_tokenizer(const CheckpointFiles& files);

}  // namespace clipclap::checkpoint
