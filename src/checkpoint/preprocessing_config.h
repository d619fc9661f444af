// The picture preprocessing that a checkpoint orders.
#pragma once

#include <string_view>

#include "checkpoint/checkpoint_files.h"
#include "media/preprocessing.h"

namespace clipclap::checkpoint {

/// Reads `preprocessor_config.json`, or the `image_processor` of `processor_config.json`, in new
/// and old spellings, with the defaults of the image processor class that the file names
/// (transformers, models/*/image_processing_*.py); `default_type` serves a file that names none.
/// null is read as transformers 4.57 reads it: off for a flag, mostly an error elsewhere.
/// `image_size` is the tower's, which the prepared picture must have.
/// Throws Error: kNotFound where neither file is there; kInvalidData (file and key) for what is
/// wrong or does not fit the tower; kUnsupported for what only other towers can take.
media::Preprocessing parse_preprocessing(const CheckpointFiles& files, int image_size,
                                         std::string_view default_type = "CLIPImageProcessor");

/// The same for a tower that takes pictures of any grid of whole patches, as NaFlex's does.
media::Preprocessing parse_flexible_preprocessing(const CheckpointFiles& files, int patch_size);

}  // namespace clipclap::checkpoint
