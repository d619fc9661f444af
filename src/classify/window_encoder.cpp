#include "classify/window_encoder.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/prefetch.h"
#include "classify/window_batch.h"
#include "media/media_reader.h"

namespace clipclap::classify {
namespace {

/// A window stands in memory.
constexpr double kLongestWindowSeconds = 600;

media::SoundOptions sound_options(const model::SoundSide& ears, const RunOptions& options) {
  media::SoundOptions sound{.sample_rate = ears.sample_rate,
                            .silence_floor = options.silence_floor};
  sound.window_seconds = options.window_seconds.value_or(ears.window_seconds);
  sound.hop_seconds = options.hop_seconds.value_or(sound.window_seconds / 2);
  if (sound.window_seconds > kLongestWindowSeconds) {
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

media::ReaderOptions reader_options(const Senses& senses, const RunOptions& options) {
  media::ReaderOptions result{.sampling = options.sampling,
                              .decoder_threads = options.decoder_threads};
  result.wishes = {.pictures = senses.eyes != nullptr,
                   .sounds = senses.ears != nullptr,
                   .chosen = options.streams};
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

/// Reads ahead; pictures leave it prepared.
class WindowSource {
 public:
  WindowSource(const Senses& senses, const std::string& input, const RunOptions& options)
      : reader_(input, reader_options(senses, options)),
        leaves_out_sight_(reader_.leaves_out(MediaKind::kVideo)),
        leaves_out_sound_(reader_.leaves_out(MediaKind::kAudio)),
        prefetch_(options.batch, [this, &senses] { return read(senses); }) {}

  const std::vector<media::StreamDescription>& streams() const { return reader_.streams(); }
  bool leaves_out_sight() const { return leaves_out_sight_; }
  bool leaves_out_sound() const { return leaves_out_sound_; }
  std::optional<media::MediaReader::Item> next() { return prefetch_.next(); }

 private:
  std::optional<media::MediaReader::Item> read(const Senses& senses) {
    auto item = reader_.next();
    if (!item) return item;
    if (auto* sampled = std::get_if<media::SampledPicture>(&item->content)) {
      sampled->picture =
          media::prepare(sampled->picture, senses.eyes->require_picture().preprocessing);
    }
    return item;
  }

  media::MediaReader reader_;
  // Asked before the thread begins to read.
  bool leaves_out_sight_;
  bool leaves_out_sound_;
  Prefetch<media::MediaReader::Item> prefetch_;
};

class WindowEncoder {
 public:
  WindowEncoder(const Senses& senses, const std::string& input, const RunOptions& options,
                EncodedSink& sink)
      : senses_(senses),
        input_(input),
        options_(options),
        sink_(sink),
        source_(senses, input, options) {
    for (const auto& stream : source_.streams()) {
      const bool is_sound = stream.kind == MediaKind::kAudio;
      const auto capacity = stream.kind == MediaKind::kImage ? 1 : options.batch;
      batches_.emplace_back(is_sound ? *senses.ears : *senses.eyes, capacity);
    }
  }

  void run() {
    sink_.begin({.count = batches_.size(),
                 .has_unseen = senses_.eyes == nullptr && source_.leaves_out_sight(),
                 .has_unheard = senses_.ears == nullptr && source_.leaves_out_sound()});
    while (const auto item = next()) {
      auto& batch = batches_[item->stream];
      if (!batch.takes(item->content)) flush(item->stream);
      batch.add(item->content, begin_window(item->stream));
      if (batch.full()) flush(item->stream);
    }
    flush_all();
  }

 private:
  std::optional<media::MediaReader::Item> next() {
    throw_if_stopped();
    try {
      return source_.next();
    } catch (const Error&) {
      flush_all();
      throw;
    }
  }

  void throw_if_stopped() const {
    if (options_.stop != nullptr && options_.stop->load()) {
      throw Error(ErrorCode::kCancelled, "stopped before its end", input_);
    }
  }

  Window begin_window(std::size_t stream) const {
    const auto& description = source_.streams()[stream];
    return {.file = input_, .stream = description.name, .kind = description.kind};
  }

  void flush_all() {
    for (std::size_t stream = 0; stream < batches_.size(); ++stream) flush(stream);
  }

  void flush(std::size_t stream) {
    auto& batch = batches_[stream];
    if (batch.empty()) return;
    const EncodedBatch encoded{stream, batch.windows(), batch.encode()};
    batch.clear();
    sink_.take(encoded);
    const auto& description = source_.streams()[stream];
    progress_.windows += encoded.windows.size();
    progress_.duration_seconds = description.duration_seconds;
    progress_.position_seconds = encoded.windows.back().end_seconds - description.start_seconds;
    if (options_.on_progress) options_.on_progress(progress_);
  }

  const Senses& senses_;
  const std::string& input_;
  const RunOptions& options_;
  EncodedSink& sink_;
  WindowSource source_;
  std::vector<WindowBatch> batches_;
  Progress progress_;
};

}  // namespace

void encode_windows(const Senses& senses, const std::string& input, const RunOptions& options,
                    EncodedSink& sink) {
  if (options.batch == 0) {
    throw Error(ErrorCode::kInvalidArgument, "the batch must hold at least one window");
  }
  if (options.stop != nullptr && options.stop->load()) {
    throw Error(ErrorCode::kCancelled, "stopped before its end", input);
  }
  WindowEncoder(senses, input, options, sink).run();
}

}  // namespace clipclap::classify
