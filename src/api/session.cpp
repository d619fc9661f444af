#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/session.h>

#include "classify/batch_queue.h"
#include "classify/prompts.h"
#include "classify/scorer.h"
#include "classify/window_source.h"
#include "media/frame_preparer.h"
#include "media/raw_media.h"
#include "media/sound_cutter.h"
#include "model/dual_encoder.h"
#include "model/torch_guard.h"

namespace clipclap {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

constexpr auto kName = "session";

classify::Senses senses_of(const Model& model) {
  const auto& encoder = model.encoder();
  return encoder.picture ? classify::Senses{.eyes = &encoder} : classify::Senses{.ears = &encoder};
}

std::optional<media::FramePreparer> make_preparer(const classify::Senses& senses) {
  if (senses.eyes == nullptr) return std::nullopt;
  return media::FramePreparer(kName, senses.eyes->require_picture().preprocessing);
}

std::optional<media::SoundCutter> make_cutter(const classify::Senses& senses,
                                              const SessionOptions& options) {
  if (senses.ears == nullptr) return std::nullopt;
  RunOptions run;
  run.window_seconds = options.window_seconds;
  run.hop_seconds = options.hop_seconds;
  run.silence_floor = options.silence_floor;
  return media::SoundCutter(media::SoundClock(media::kRawTimeBase, AV_NOPTS_VALUE, kName),
                            classify::sound_options(senses.ears->require_sound(), run), kName);
}

/// Boxes as far as they lie inside of the picture, and which of those given they are.
struct BoxesInside {
  std::vector<Box> boxes;
  std::vector<std::size_t> indices;
};

BoxesInside clip_all(std::span<const Box> boxes, const RawPicture& picture) {
  BoxesInside inside;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const auto part = media::clip(boxes[i], picture.width, picture.height);
    if (!part) continue;
    inside.boxes.push_back(*part);
    inside.indices.push_back(i);
  }
  return inside;
}

void require_times(double start_seconds, double end_seconds) {
  if (std::isfinite(start_seconds) && std::isfinite(end_seconds) && start_seconds <= end_seconds) {
    return;
  }
  throw Error(
      ErrorCode::kInvalidArgument,
      fmt::format("a picture cannot be shown from {} s to {} s", start_seconds, end_seconds));
}

TimePoint deadline(std::optional<double> timeout_seconds) {
  // What is further away would not fit into the clock.
  constexpr double kLongestSeconds = 1e8;
  const auto now = std::chrono::steady_clock::now();
  const double seconds =
      std::clamp(timeout_seconds.value_or(kLongestSeconds), 0.0, kLongestSeconds);
  return now +
         std::chrono::duration_cast<TimePoint::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

struct Session::Implementation {
  using ScorerPointer = std::shared_ptr<const classify::Scorer>;

  /// What a window that is in the queue came from.
  struct Pushed {
    std::uint64_t id;
    std::optional<std::size_t> box;
    ScorerPointer scorer;
    ScoreOptions options;
  };
  struct Outcome {
    SessionResult result;
    std::exception_ptr failure{};
  };

  Implementation(Model opened, const SessionOptions& options)
      : model(std::move(opened)),
        senses(senses_of(model)),
        preparer(make_preparer(senses)),
        cutter(make_cutter(senses, options)),
        queue(senses, options.batch, options.batches_in_flight) {}

  void require_words() const;
  void add(const media::MediaItem& item, MediaKind kind, std::uint64_t id,
           std::optional<std::size_t> box);
  void add_sounds();
  void take_batch();
  void take_what_is_ready();
  void score(std::span<classify::EncodedWindow> windows);
  Status pop(SessionResult& result);

  std::mutex mutex;  ///< of all below
  Model model;
  classify::Senses senses;
  std::optional<media::FramePreparer> preparer;
  std::optional<media::SoundCutter> cutter;
  ScorerPointer scorer;
  ScoreOptions score_options;
  std::deque<Pushed> pushed;  ///< as the queue gives them back
  std::deque<Outcome> ready;
  classify::BatchQueue queue;  ///< whose threads use the model, so it goes first
};

void Session::Implementation::require_words() const {
  if (scorer) return;
  throw Error(ErrorCode::kInvalidArgument, "there are no words to judge by yet; set some first");
}

void Session::Implementation::add(const media::MediaItem& item, MediaKind kind, std::uint64_t id,
                                  std::optional<std::size_t> box) {
  while (!queue.has_room()) take_batch();
  Window window;
  window.kind = kind;
  queue.add(item, {}, std::move(window));
  pushed.push_back({id, box, scorer, score_options});
}

void Session::Implementation::add_sounds() {
  while (auto window = cutter->next()) add(std::move(*window), MediaKind::kAudio, 0, std::nullopt);
}

void Session::Implementation::take_what_is_ready() {
  while (queue.is_ready()) take_batch();
}

void Session::Implementation::take_batch() {
  auto windows = queue.take();
  // Those that were pushed under the same words are scored together.
  std::span<classify::EncodedWindow> rest(windows);
  while (!rest.empty()) {
    std::size_t count = 1;
    while (count < rest.size() && pushed[count].scorer == pushed.front().scorer) ++count;
    score(rest.first(count));
    rest = rest.subspan(count);
  }
}

void Session::Implementation::score(std::span<classify::EncodedWindow> windows) {
  std::vector<at::Tensor> rows;
  for (const auto& window : windows) {
    if (window.embedding.defined()) rows.push_back(window.embedding);
  }
  std::vector<std::vector<ScoredLabel>> scores;
  std::exception_ptr failure;
  try {
    if (!rows.empty()) {
      scores = pushed.front().scorer->score(
          model::with_torch("scores", [&] { return at::stack(rows); }));
    }
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  auto next = scores.begin();
  for (auto& window : windows) {
    const auto from = std::move(pushed.front());
    pushed.pop_front();
    Outcome outcome{.result = {.id = from.id,
                               .box = from.box,
                               .window = std::move(window.window),
                               .options = from.options},
                    .failure = window.failure};
    if (window.embedding.defined()) {
      if (next != scores.end()) {
        outcome.result.labels = std::move(*next++);
      } else {
        outcome.failure = failure;
      }
    }
    ready.push_back(std::move(outcome));
  }
}

Session::Status Session::Implementation::pop(SessionResult& result) {
  if (ready.empty()) return pushed.empty() ? Status::kNone : Status::kPending;
  auto outcome = std::move(ready.front());
  ready.pop_front();
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  result = std::move(outcome.result);
  return Status::kReady;
}

Session::Session(Model model, const SessionOptions& options)
    : implementation_(std::make_unique<Implementation>(std::move(model), options)) {}

Session::~Session() = default;

void Session::set_words(const LabelSet& labels, const CategorySet& categories,
                        const ScoreOptions& options) {
  auto all = options;
  all.top.reset();
  all.threshold = 0;
  const auto& encoder = implementation_->model.encoder();
  classify::validate(options);
  const auto scorer = std::make_shared<const classify::Scorer>(
      classify::embed_words(encoder, labels, categories), encoder.score, all);
  const std::lock_guard lock(implementation_->mutex);
  implementation_->scorer = scorer;
  implementation_->score_options = options;
}

void Session::set_threshold(double threshold) {
  const std::lock_guard lock(implementation_->mutex);
  auto options = implementation_->score_options;
  options.threshold = threshold;
  classify::validate(options);
  implementation_->score_options = options;
}

std::size_t Session::push(const RawPicture& picture, double start_seconds, double end_seconds,
                          std::span<const Box> boxes, std::uint64_t id) {
  auto& self = *implementation_;
  const std::lock_guard lock(self.mutex);
  if (!self.preparer) {
    throw Error(ErrorCode::kInvalidArgument,
                self.model.info().name + " hears and does not see; push sound");
  }
  self.require_words();
  require_times(start_seconds, end_seconds);
  const auto frame = media::wrap(picture);
  const media::FrameTraits traits{.pixel_aspect = picture.pixel_aspect};
  if (boxes.empty()) {
    self.add(
        media::SampledPicture{self.preparer->whole(*frame, traits), start_seconds, end_seconds},
        MediaKind::kVideo, id, std::nullopt);
    return 1;
  }
  const auto inside = clip_all(boxes, picture);
  auto parts = self.preparer->parts(*frame, traits, inside.boxes);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    self.add(
        media::SampledPicture{std::move(parts[i]), start_seconds, end_seconds, inside.boxes[i]},
        MediaKind::kVideo, id, inside.indices[i]);
  }
  return parts.size();
}

void Session::push(const RawSamples& samples, std::optional<double> start_seconds) {
  auto& self = *implementation_;
  const std::lock_guard lock(self.mutex);
  if (!self.cutter) {
    throw Error(ErrorCode::kInvalidArgument,
                self.model.info().name + " sees and does not hear; push pictures");
  }
  self.require_words();
  const auto frame = media::wrap(samples, start_seconds);
  // A second at a time: windows are taken out before more are cut.
  for (int first = 0; first < frame->nb_samples; first += frame->sample_rate) {
    const auto part =
        media::part_of(*frame, first, std::min(frame->sample_rate, frame->nb_samples - first));
    if (first == 0) part->best_effort_timestamp = frame->best_effort_timestamp;
    self.cutter->push(*part);
    self.add_sounds();
  }
}

void Session::flush() {
  auto& self = *implementation_;
  const std::lock_guard lock(self.mutex);
  if (self.cutter) {
    self.cutter->finish();
    self.add_sounds();
  }
  self.queue.flush();
}

Session::Status Session::poll(SessionResult& result) {
  auto& self = *implementation_;
  const std::lock_guard lock(self.mutex);
  if (self.ready.empty()) self.take_what_is_ready();
  return self.pop(result);
}

Session::Status Session::wait(SessionResult& result, std::optional<double> timeout_seconds) {
  auto& self = *implementation_;
  if (timeout_seconds && std::isnan(*timeout_seconds)) {
    throw Error(ErrorCode::kInvalidArgument, "the time to wait is no number");
  }
  const auto until = deadline(timeout_seconds);
  std::unique_lock lock(self.mutex);
  while (self.ready.empty() && !self.pushed.empty()) {
    if (self.queue.empty()) self.queue.flush();
    const auto wait_for_batch = self.queue.waiter();
    lock.unlock();
    const bool is_ready = wait_for_batch(until);
    lock.lock();
    if (!is_ready) break;
    self.take_what_is_ready();
  }
  return self.pop(result);
}

}  // namespace clipclap
