#include "classify/encode_inputs.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include <ATen/ops/cat.h>

#include <clipclap/error.h>

#include "base/read_ahead.h"
#include "classify/encoder_pool.h"
#include "model/compute_threads.h"

namespace clipclap::classify {
namespace {

/// Of two kinds of windows one may be rare; it goes when so many batches' worth of others have come
/// since, so that those do not pile up behind it.
constexpr std::size_t kPatienceBatches = 32;

/// Batches that are encoded or wait for it, for each thread.
constexpr std::size_t kBatchesAThread = 2;

struct InputState {
  std::vector<media::StreamDescription> streams{};
  std::size_t added = 0;
  std::size_t handed_over = 0;
  bool ended = false;
  std::exception_ptr failure{};

  bool done() const { return ended && handed_over == added; }
};

struct FillingBatch {
  WindowBatch batch;
  std::size_t begun_at;  ///< windows that had come before its first
};

/// The batch in parts, one after the other.
struct BatchUnderWay {
  std::shared_ptr<const WindowBatch> batch;
  std::vector<std::future<at::Tensor>> parts;
};

class InputsEncoder {
 public:
  InputsEncoder(const Senses& senses, std::span<const std::string> inputs,
                const RunOptions& options, EncodedSink& sink)
      : senses_(senses),
        inputs_(inputs),
        options_(options),
        sink_(sink),
        pool_(static_cast<std::size_t>(model::compute_threads())),
        ahead_(inputs.size(), limits(), [this](std::size_t number) {
          return open_windows(senses_, inputs_[number], options_);
        }) {}

  void run() {
    while (auto step = ahead_.next()) {
      throw_if_stopped();
      while (states_.size() <= step->number - first_) states_.emplace_back();
      if (!step->item) {
        end(step->number, step->failure);
      } else if (auto* streams = std::get_if<InputStreams>(&*step->item)) {
        sink_.begin(step->number, *streams);
        state(step->number).streams = std::move(streams->streams);
      } else {
        add(step->number, std::get<media::MediaReader::Item>(*step->item));
      }
    }
    for (auto& filling : filling_) flush_last(filling);
    while (!under_way_.empty()) hand_over_first();
  }

 private:
  ReadAhead<InputItem>::Limits limits() const {
    const auto threads = pool_.thread_count();
    return {.threads = threads,
            .items = options_.batch,
            .sources = kBatchesAThread * threads * options_.batch};
  }

  InputState& state(std::size_t input) { return states_[input - first_]; }

  void throw_if_stopped() const {
    if (options_.stop == nullptr || !options_.stop->load()) return;
    const auto& current = inputs_[std::min(first_, inputs_.size() - 1)];
    throw Error(ErrorCode::kCancelled, "stopped before its end", current);
  }

  void add(std::size_t input, const media::MediaReader::Item& item) {
    auto& from = state(input);
    if (from.failure) return;  // the model failed on an earlier window
    const auto& stream = from.streams[item.stream];
    const bool is_sound = stream.kind == MediaKind::kAudio;
    auto& filling = filling_[is_sound ? 1 : 0];
    if (filling && !filling->batch.takes(item.content)) flush(filling);
    if (!filling) {
      const auto& encoder = is_sound ? *senses_.ears : *senses_.eyes;
      filling.emplace(WindowBatch(encoder, options_.batch), added_);
    }
    filling->batch.add(item.content, {input, item.stream},
                       {.file = inputs_[input], .stream = stream.name, .kind = stream.kind});
    ++from.added;
    ++added_;
    if (filling->batch.full()) flush(filling);
    auto& other = filling_[is_sound ? 0 : 1];
    if (other && added_ - other->begun_at > kPatienceBatches * options_.batch) flush(other);
  }

  void flush(std::optional<FillingBatch>& filling) { submit(filling, 1); }

  /// No other batch comes to keep the threads busy, so it is shared out; where it is the only one
  /// of the run it goes through the tower at once, with all threads on each product.
  void flush_last(std::optional<FillingBatch>& filling) {
    if (!filling) return;
    if (submitted_) return submit(filling, pool_.thread_count());
    const auto batch = std::make_shared<const WindowBatch>(std::move(filling->batch));
    filling.reset();
    BatchUnderWay entry{batch, {}};
    std::packaged_task<at::Tensor()> task([&] { return batch->encode(0, batch->row_count()); });
    entry.parts.push_back(task.get_future());
    task();
    under_way_.push_back(std::move(entry));
  }

  void submit(std::optional<FillingBatch>& filling, std::size_t most_parts) {
    const auto batch = std::make_shared<const WindowBatch>(std::move(filling->batch));
    filling.reset();
    submitted_ = true;
    const auto rows = batch->row_count();
    const auto part = std::max<std::size_t>(1, (rows + most_parts - 1) / most_parts);
    BatchUnderWay entry{batch, {}};
    for (std::size_t first = 0; first < std::max<std::size_t>(rows, 1); first += part) {
      const auto count = std::min(part, rows - first);
      entry.parts.push_back(
          pool_.submit([batch, first, count] { return batch->encode(first, count); }));
    }
    under_way_.push_back(std::move(entry));
    while (under_way_.size() > kBatchesAThread * pool_.thread_count()) hand_over_first();
    while (!under_way_.empty() && is_ready(under_way_.front())) hand_over_first();
  }

  static bool is_ready(const BatchUnderWay& entry) {
    return std::all_of(entry.parts.begin(), entry.parts.end(), [](const auto& part) {
      return part.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
  }

  void hand_over_first() {
    auto entry = std::move(under_way_.front());
    under_way_.pop_front();
    const auto& batch = *entry.batch;
    EncodedBatch encoded{batch.places(), batch.windows(), {}};
    try {
      std::vector<at::Tensor> parts;
      for (auto& part : entry.parts) parts.push_back(part.get());
      encoded.embeddings = parts.size() == 1 ? parts.front() : at::cat(parts);
    } catch (const std::exception&) {
      encoded = encode_one_by_one(batch);
    }
    throw_if_stopped();
    if (!encoded.windows.empty()) sink_.take(encoded);
    for (const auto& place : batch.places()) ++state(place.input).handed_over;
    tell_progress(batch);
    end_what_is_done();
  }

  /// A window that the model fails on is its own input's failure alone.
  EncodedBatch encode_one_by_one(const WindowBatch& batch) {
    EncodedBatch encoded;
    std::vector<at::Tensor> rows{batch.encode(0, 0)};
    std::size_t row = 0;
    for (std::size_t i = 0; i < batch.windows().size(); ++i) {
      const auto& window = batch.windows()[i];
      const auto& place = batch.places()[i];
      auto& failure = state(place.input).failure;
      try {
        if (!window.is_silent) {
          const auto embedding = batch.encode(row++, 1);
          if (!failure) rows.push_back(embedding);
        }
        if (failure) continue;
        encoded.windows.push_back(window);
        encoded.places.push_back(place);
      } catch (const std::exception&) {
        if (!failure) failure = std::current_exception();
      }
    }
    encoded.embeddings = at::cat(rows);
    return encoded;
  }

  void tell_progress(const WindowBatch& batch) {
    windows_ += batch.windows().size();
    if (!options_.on_progress) return;
    const auto& place = batch.places().back();
    const auto& stream = state(place.input).streams[place.stream];
    options_.on_progress(
        {.input = place.input,
         .position_seconds = batch.windows().back().end_seconds - stream.start_seconds,
         .duration_seconds = stream.duration_seconds,
         .windows = windows_});
  }

  void end(std::size_t input, const std::exception_ptr& failure) {
    auto& ended = state(input);
    ended.ended = true;
    if (!ended.failure) ended.failure = failure;
    end_what_is_done();
  }

  void end_what_is_done() {
    while (!states_.empty() && states_.front().done()) {
      sink_.end(first_, states_.front().failure);
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
  std::size_t added_ = 0;
  std::size_t windows_ = 0;  ///< handed over
  bool submitted_ = false;
  std::optional<FillingBatch> filling_[2];  ///< of pictures, of sounds
  std::deque<BatchUnderWay> under_way_;
  EncoderPool pool_;
  ReadAhead<InputItem> ahead_;
};

}  // namespace

void encode_inputs(const Senses& senses, std::span<const std::string> inputs,
                   const RunOptions& options, EncodedSink& sink) {
  if (options.batch == 0) {
    throw Error(ErrorCode::kInvalidArgument, "the batch must hold at least one window");
  }
  if (inputs.empty()) return;
  if (options.stop != nullptr && options.stop->load()) {
    throw Error(ErrorCode::kCancelled, "stopped before its end", inputs.front());
  }
  InputsEncoder(senses, inputs, options, sink).run();
}

}  // namespace clipclap::classify
