#include "classify/encode_inputs.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>

#include <clipclap/error.h>

#include "base/read_ahead.h"
#include "base/thread_shares.h"
#include "classify/batch_queue.h"
#include "classify/similar_frames.h"
#include "media/decoder.h"
#include "model/compute_threads.h"

namespace clipclap::classify {
namespace {

struct StreamState {
  media::StreamDescription description;
  std::size_t added = 0;
  std::unique_ptr<SimilarFrames> similar{};  ///< where frames like others are left out
};

struct InputState {
  std::vector<StreamState> streams{};
  std::size_t in_queue = 0;  ///< windows
  bool ended = false;
  std::exception_ptr model_failure{};    ///< what comes behind it is passed over
  std::exception_ptr reading_failure{};  ///< what came before it is good
};

/// Of similar frames few are asked for, and which come next depends on them.
std::size_t batch_for(const RunOptions& options) {
  constexpr std::size_t kOfSimilar = 8;
  return options.batch == 0 && options.skip_similar ? kOfSimilar : options.batch;
}

class InputsEncoder {
 public:
  InputsEncoder(const Senses& senses, std::span<const std::string> inputs,
                const RunOptions& options, EncodedSink& sink)
      : senses_(senses),
        inputs_(inputs),
        options_(options),
        sink_(sink),
        boxes_(options.boxes),
        queue_(senses, batch_for(options)),
        shares_(media::kDecoderThreadsACore * cores()),
        ahead_(inputs.size(), limits(), [this](std::size_t number) {
          return open_windows(
              senses_, inputs_[number], options_, boxes_,
              [this, number](std::size_t threads) { return shares_.take(number, threads); });
        }) {}

  /// Threads that read ahead may wait for their share.
  ~InputsEncoder() { shares_.stop(); }

  void run() {
    boxes_.warn_of_strangers(inputs_);
    while (auto step = ahead_.next()) {
      throw_if_stopped();
      while (states_.size() <= step->number - first_) states_.emplace_back();
      if (!step->item) {
        end(step->number, step->failure);
      } else if (auto* streams = std::get_if<InputStreams>(&*step->item)) {
        begin(step->number, std::move(*streams));
      } else {
        add(step->number, std::get<media::MediaReader::Item>(std::move(*step->item)));
      }
      while (!queue_.has_room() || queue_.is_ready()) hand_over_batch();
    }
    // What comes back may ask for more.
    while (first_ < inputs_.size()) {
      if (queue_.is_idle()) queue_.flush();
      if (!queue_.empty()) hand_over_batch();
    }
  }

 private:
  static std::size_t cores() { return static_cast<std::size_t>(model::compute_threads()); }

  ReadAhead<InputItem>::Limits limits() const {
    // A GPU is kept busy by two threads, but what it looks at is decoded by the processor.
    const auto threads = std::max(queue_.thread_count(), cores());
    const auto batch = queue_.largest_batch();
    return {.threads = threads, .items = batch, .sources = 2 * threads * batch};
  }

  InputState& state(std::size_t input) { return states_[input - first_]; }

  void throw_if_stopped() const {
    if (options_.stop == nullptr || !options_.stop->load()) return;
    const auto& current = inputs_[std::min(first_, inputs_.size() - 1)];
    throw Error(ErrorCode::kCancelled, "stopped before its end", current);
  }

  void begin(std::size_t input, InputStreams streams) {
    sink_.begin(input, streams);
    for (auto& description : streams.streams) {
      const bool compares = options_.skip_similar && description.kind == MediaKind::kVideo;
      state(input).streams.push_back({.description = std::move(description)});
      if (!compares) continue;
      state(input).streams.back().similar = std::make_unique<SimilarFrames>(
          [this](const at::Tensor& a, const at::Tensor& b, float difference) {
            return sink_.agree(a, b, difference);
          });
    }
  }

  void add(std::size_t input, media::MediaReader::Item item) {
    auto& from = state(input);
    if (from.model_failure) return;
    auto& stream = from.streams[item.stream];
    Window window{
        .file = inputs_[input], .stream = stream.description.name, .kind = stream.description.kind};
    const Place place{input, item.stream, stream.added++};
    if (stream.similar) {
      auto& picture = std::get<media::SampledPicture>(item.content);
      window.start_seconds = picture.start_seconds;
      window.end_seconds = picture.end_seconds;
      stream.similar->add(std::move(picture), std::move(window));
      encode_wanted(place);
    } else {
      encode(item.content, place, std::move(window));
    }
  }

  void encode(const media::MediaItem& item, const Place& place, Window window) {
    ++state(place.input).in_queue;
    queue_.add(item, place, std::move(window));
  }

  void encode_wanted(const Place& of) {
    auto& similar = *state(of.input).streams[of.stream].similar;
    while (const auto wanted = similar.next_wanted()) {
      encode(*wanted->picture, {of.input, of.stream, wanted->number}, *wanted->window);
    }
  }

  void end(std::size_t input, const std::exception_ptr& failure) {
    auto& ended = state(input);
    ended.ended = true;
    ended.reading_failure = failure;
    for (std::size_t stream = 0; stream < ended.streams.size(); ++stream) {
      if (!ended.streams[stream].similar) continue;
      ended.streams[stream].similar->finish();
      encode_wanted({input, stream});
      hand_over({}, {{input, stream}});
    }
    end_what_is_done();
  }

  void hand_over_batch() {
    auto windows = queue_.take();
    throw_if_stopped();
    std::vector<EncodedWindow> known;
    std::vector<Place> asked;
    for (auto& encoded : windows) {
      const auto& place = encoded.place;
      auto& from = state(place.input);
      --from.in_queue;
      if (!from.model_failure) from.model_failure = encoded.failure;
      if (from.model_failure) continue;
      auto& similar = from.streams[place.stream].similar;
      if (!similar) {
        known.push_back(std::move(encoded));
        continue;
      }
      similar->take(place.number, encoded.embedding);
      asked.push_back(place);
    }
    for (const auto& place : asked) encode_wanted(place);
    hand_over(std::move(known), asked);
    end_what_is_done();
  }

  /// `known` go to the sink, and what has become known in the streams of `asked`.
  void hand_over(std::vector<EncodedWindow> known, const std::vector<Place>& asked) {
    for (const auto& place : asked) {
      auto& similar = *state(place.input).streams[place.stream].similar;
      while (auto ready = similar.next_ready()) {
        known.push_back({place, std::move(ready->window), std::move(ready->embedding)});
      }
    }
    if (known.empty()) return;
    EncodedBatch batch;
    std::vector<at::Tensor> rows;
    for (auto& encoded : known) {
      batch.places.push_back(encoded.place);
      batch.windows.push_back(std::move(encoded.window));
      if (encoded.embedding.defined()) rows.push_back(std::move(encoded.embedding));
    }
    const auto& sense =
        batch.windows.front().kind == MediaKind::kAudio ? *senses_.ears : *senses_.eyes;
    batch.embeddings =
        rows.empty() ? at::empty({0, sense.info.embedding_dimension}) : at::stack(rows);
    sink_.take(batch);
    tell_progress(batch);
  }

  void tell_progress(const EncodedBatch& batch) {
    windows_ += batch.windows.size();
    if (!options_.on_progress) return;
    const auto& place = batch.places.back();
    const auto& stream = state(place.input).streams[place.stream].description;
    options_.on_progress(
        {.input = place.input,
         .position_seconds = batch.windows.back().end_seconds - stream.start_seconds,
         .duration_seconds = stream.duration_seconds,
         .windows = windows_});
  }

  void end_what_is_done() {
    while (!states_.empty() && states_.front().ended && states_.front().in_queue == 0) {
      const auto& done = states_.front();
      sink_.end(first_, done.model_failure ? done.model_failure : done.reading_failure);
      states_.pop_front();
      ++first_;
    }
  }

  const Senses& senses_;
  std::span<const std::string> inputs_;
  const RunOptions& options_;
  EncodedSink& sink_;
  std::deque<InputState> states_;  ///< of the inputs from first_ on
  std::size_t first_ = 0;
  std::size_t windows_ = 0;  ///< handed over
  InputBoxes boxes_;
  BatchQueue queue_;
  ThreadShares shares_;
  ReadAhead<InputItem> ahead_;
};

}  // namespace

void encode_inputs(const Senses& senses, std::span<const std::string> inputs,
                   const RunOptions& options, EncodedSink& sink) {
  if (inputs.empty()) return;
  if (options.stop != nullptr && options.stop->load()) {
    throw Error(ErrorCode::kCancelled, "stopped before its end", inputs.front());
  }
  if (options.boxes && options.skip_similar) {
    throw Error(ErrorCode::kInvalidArgument,
                "boxes are looked at one by one; leave skip_similar unset with them");
  }
  InputsEncoder(senses, inputs, options, sink).run();
}

}  // namespace clipclap::classify
