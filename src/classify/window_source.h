// One input, from its bytes to what the towers take.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <clipclap/tagging.h>

#include "classify/input_boxes.h"
#include "media/media_reader.h"
#include "model/dual_encoder.h"

namespace clipclap::classify {

/// Who looks and who listens; nullptr where nobody does.
struct Senses {
  const model::DualEncoder* eyes = nullptr;
  const model::DualEncoder* ears = nullptr;
};

/// What is known of an input before its first window.
struct InputStreams {
  std::vector<media::StreamDescription> streams;
  /// The file has a kind of stream that no model has the sense for.
  bool has_unseen = false;
  bool has_unheard = false;
};

using InputItem = std::variant<InputStreams, media::MediaReader::Item>;

/// How the model listens. Throws Error (kInvalidArgument) for windows that it cannot hear.
media::SoundOptions sound_options(const model::SoundSide& ears, const RunOptions& options);

/// Opens `input`, which has its share of `boxes`. The function gives its streams, then its windows
/// in order with pictures prepared, then nothing. Both throw Error; what was given before is good.
std::function<std::optional<InputItem>()> open_windows(const Senses& senses,
                                                       const std::string& input,
                                                       const RunOptions& options,
                                                       const InputBoxes& boxes,
                                                       media::TakeThreads take_threads);

}  // namespace clipclap::classify
