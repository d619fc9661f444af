#include "classify/window_source.h"

#include <memory>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap::classify {
namespace {

/// A window stands in memory.
constexpr double kLongestWindowSeconds = 600;

media::ReaderOptions reader_options(const Senses& senses, const RunOptions& options) {
  media::ReaderOptions result{.sampling = options.sampling,
                              .decoder_threads = options.decoder_threads,
                              .stop = options.stop};
  result.wishes = {.pictures = senses.eyes != nullptr,
                   .sounds = senses.ears != nullptr,
                   .chosen = options.streams};
  if (senses.eyes != nullptr) result.preprocessing = senses.eyes->require_picture().preprocessing;
  if (senses.ears != nullptr) result.sound = sound_options(senses.ears->require_sound(), options);
  for (const auto& choice : options.streams) {
    const bool is_sound = choice.kind == MediaKind::kAudio;
    if (is_sound ? result.wishes.sounds : result.wishes.pictures) continue;
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("stream {} is chosen, but no model {}", choice.name(),
                            is_sound ? "hears" : "sees"));
  }
  return result;
}

InputStreams describe(const Senses& senses, const media::MediaReader& reader) {
  return {.streams = reader.streams(),
          .has_unseen = senses.eyes == nullptr && reader.leaves_out(MediaKind::kVideo),
          .has_unheard = senses.ears == nullptr && reader.leaves_out(MediaKind::kAudio)};
}

}  // namespace

media::SoundOptions sound_options(const model::SoundSide& ears, const RunOptions& options) {
  media::SoundOptions sound{.sample_rate = ears.sample_rate,
                            .silence_floor = options.silence_floor};
  sound.window_seconds = options.window_seconds.value_or(ears.window_seconds);
  sound.hop_seconds = options.hop_seconds.value_or(sound.window_seconds / 2);
  if (!(sound.window_seconds <= kLongestWindowSeconds)) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("windows of {} s are too long to stand in memory; up to {} s are heard "
                            "at once",
                            sound.window_seconds, kLongestWindowSeconds));
  }
  if (!ears.hears_longer && sound.window_seconds > ears.window_seconds) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("the model hears {} s at once, so of windows of {} s not all would be "
                            "heard; choose shorter ones",
                            ears.window_seconds, sound.window_seconds));
  }
  return sound;
}

std::function<std::optional<InputItem>()> open_windows(const Senses& senses,
                                                       const std::string& input,
                                                       const RunOptions& options,
                                                       const InputBoxes& boxes,
                                                       media::TakeThreads take_threads) {
  auto reading = reader_options(senses, options);
  reading.take_threads = std::move(take_threads);
  if (senses.eyes != nullptr) reading.boxes = boxes.of(input);
  const auto reader = std::make_shared<media::MediaReader>(input, reading);
  return [reader, senses, is_first = true]() mutable -> std::optional<InputItem> {
    if (std::exchange(is_first, false)) return describe(senses, *reader);
    auto item = reader->next();
    if (!item) return std::nullopt;
    return InputItem(std::move(*item));
  };
}

}  // namespace clipclap::classify
