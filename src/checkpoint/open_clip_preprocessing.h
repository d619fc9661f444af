// preprocess_cfg of an open_clip_config.json (open_clip 3.3, transform.py: PreprocessCfg and
// image_transform for inference).
#pragma once

#include <string>

#include "base/json.h"
#include "media/preprocessing.h"

namespace clipclap::checkpoint {

/// `image_size` is the tower's, which is also the prepared picture's: as in open_clip a "size" in
/// the file changes nothing, a key that is not known is left out (with a warning here), and null
/// means the default. Throws Error with file and key: kInvalidData, kUnsupported.
media::Preprocessing parse_open_clip_preprocessing(const Json& config, const std::string& origin,
                                                   int image_size);

}  // namespace clipclap::checkpoint
