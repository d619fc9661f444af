// The C API of sessions and their results.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <clipclap/clipclap.h>
#include <clipclap/session.h>

#include "api/c_guard.h"
#include "api/c_handles.h"
#include "classify/scorer.h"

using namespace clipclap;
using namespace clipclap::api;

struct clipclap_session {
  clipclap_session(const Model& model, const SessionOptions& options, const ScoreOptions& wanted)
      : session(model, options), score(wanted) {}

  Session session;
  std::mutex mutex;  ///< of `score`
  ScoreOptions score;
  LastErrors errors;
};

namespace {

constexpr double kSilenceFloor = -70;  // LUFS, the absolute gate of EBU R 128

clipclap_session_options default_session_options() {
  clipclap_session_options options{};
  options.temperature = 1;
  options.silence_floor = kSilenceFloor;
  return options;
}

std::optional<double> unless_zero(double given) {
  return given == 0 ? std::nullopt : std::optional(given);
}

SessionOptions to_session_options(const clipclap_session_options& given) {
  SessionOptions options{
      .batch = count_of(given.batch, "batch"),
      .batches_in_flight = count_of(given.batches_in_flight, "batches_in_flight"),
      .window_seconds = unless_zero(given.window_seconds),
      .hop_seconds = unless_zero(given.hop_seconds)};
  options.silence_floor =
      std::isinf(given.silence_floor) ? std::nullopt : std::optional(given.silence_floor);
  return options;
}

ScoreOptions to_score_options(const clipclap_session_options& given) {
  ScoreOptions options{.temperature = given.temperature,
                       .logit_scale = unless_zero(given.logit_scale),
                       .threshold = given.threshold};
  if (const auto top = count_of(given.top, "top"); top > 0) options.top = top;
  return options;
}

std::vector<std::string> to_strings(const char* const* texts, std::size_t count, const char* name) {
  std::vector<std::string> strings;
  if (count > 0) require(texts, name);
  for (const char* text : std::span(texts, count)) strings.emplace_back(require(text, name));
  return strings;
}

LabelSet to_label_set(std::vector<std::string> labels, const char* const* templates,
                      std::size_t template_count) {
  LabelSet set{.labels = std::move(labels)};
  if (template_count > 0) set.templates = to_strings(templates, template_count, "templates");
  return set;
}

void set_words(clipclap_session& session, const LabelSet& labels, const CategorySet& categories) {
  const std::lock_guard lock(session.mutex);
  session.session.set_words(labels, categories, session.score);
}

RawPicture to_raw(const clipclap_picture& given) {
  RawPicture picture{.width = given.width,
                     .height = given.height,
                     .pixel_format = text_of(given.pixel_format),
                     .color_matrix = text_of(given.color_matrix),
                     .color_range = text_of(given.color_range),
                     .chroma_location = text_of(given.chroma_location)};
  for (std::size_t i = 0; i < picture.planes.size(); ++i) {
    picture.planes[i] = given.planes[i];
    picture.strides[i] = given.strides[i];
  }
  if (given.pixel_aspect != 0) picture.pixel_aspect = given.pixel_aspect;
  return picture;
}

std::vector<Box> to_boxes(const clipclap_picture& given) {
  std::vector<Box> boxes;
  if (given.box_count > 0) require(given.boxes, "boxes");
  for (const auto& box : std::span(given.boxes, given.box_count)) {
    boxes.push_back({box.x, box.y, box.width, box.height});
  }
  return boxes;
}

RawSamples to_raw(const clipclap_samples& given) {
  RawSamples samples{.sample_format = text_of(given.sample_format),
                     .channel_layout = text_of(given.channel_layout),
                     .channel_count = given.channel_count,
                     .sample_rate = given.sample_rate,
                     .count = given.count};
  if (given.count == 0) return samples;
  // As many as there can be; format and layout tell how many of them are looked at.
  constexpr std::size_t kMostChannels = 64;
  const auto channels =
      given.channel_count > 0 ? static_cast<std::size_t>(given.channel_count) : kMostChannels;
  const auto planes = samples.sample_format.ends_with('p') ? channels : 1;
  samples.planes = std::span(require(given.planes, "planes"), planes);
  return samples;
}

clipclap_picture default_picture() { return {}; }

clipclap_samples default_samples() {
  clipclap_samples samples{};
  samples.start_seconds = std::numeric_limits<double>::quiet_NaN();
  return samples;
}

clipclap_status hand_out(Session::Status status, SessionResult found, clipclap_result** result) {
  switch (status) {
    case Session::Status::kReady: {
      auto kept = found.labels;
      keep_best(kept, found.options);
      *result =
          std::make_unique<clipclap_result>(clipclap_result{std::move(found), std::move(kept)})
              .release();
      return CLIPCLAP_OK;
    }
    case Session::Status::kPending:
      return CLIPCLAP_AGAIN;
    case Session::Status::kNone:
      break;
  }
  return CLIPCLAP_END;
}

const ScoredLabel* label_at(const clipclap_result* result, std::size_t index) {
  return result != nullptr && index < result->kept.size() ? &result->kept[index] : nullptr;
}

}  // namespace

void clipclap_session_options_init(clipclap_session_options* options, size_t struct_size) {
  init_options(options, struct_size, default_session_options());
}

clipclap_status clipclap_session_open(const clipclap_model* model,
                                      const clipclap_session_options* options,
                                      clipclap_session** session, char* error, size_t error_size) {
  return guard_opening(error, error_size, [&] {
    require(model, "model");
    require(session, "session");
    const auto given = read_options(options, default_session_options());
    const auto score = to_score_options(given);
    classify::validate(score);
    *session = std::make_unique<clipclap_session>(model->model, to_session_options(given), score)
                   .release();
  });
}

void clipclap_session_free(clipclap_session* session) {
  std::unique_ptr<clipclap_session>{session};
}

const char* clipclap_session_error(const clipclap_session* session) {
  return error_of(session, "session is NULL");
}

clipclap_status clipclap_session_set_labels(clipclap_session* session, const char* const* labels,
                                            size_t label_count, const char* const* templates,
                                            size_t template_count) {
  return guard_with(session, [&] {
    set_words(*session,
              to_label_set(to_strings(labels, label_count, "labels"), templates, template_count),
              {});
  });
}

clipclap_status clipclap_session_parse_labels(clipclap_session* session, const char* text,
                                              const char* const* templates, size_t template_count) {
  return guard_with(session, [&] {
    set_words(*session,
              to_label_set(parse_labels(require(text, "text")), templates, template_count), {});
  });
}

clipclap_status clipclap_session_set_categories(clipclap_session* session, const char* path,
                                                int sums_prompts) {
  return guard_with(session, [&] {
    auto categories = read_categories(require(path, "path"));
    categories.sums_prompts = sums_prompts != 0;
    set_words(*session, {}, categories);
  });
}

clipclap_status clipclap_session_set_threshold(clipclap_session* session, double threshold) {
  return guard_with(session, [&] {
    session->session.set_threshold(threshold);
    const std::lock_guard lock(session->mutex);
    session->score.threshold = threshold;
  });
}

void clipclap_picture_init(clipclap_picture* picture, size_t struct_size) {
  init_options(picture, struct_size, default_picture());
}

clipclap_status clipclap_session_push_picture(clipclap_session* session,
                                              const clipclap_picture* picture, size_t* results) {
  return guard_with(session, [&] {
    const auto given = read_options(require(picture, "picture"), default_picture());
    const auto count = session->session.push(to_raw(given), given.start_seconds, given.end_seconds,
                                             to_boxes(given), given.id);
    if (results != nullptr) *results = count;
  });
}

void clipclap_samples_init(clipclap_samples* samples, size_t struct_size) {
  init_options(samples, struct_size, default_samples());
}

clipclap_status clipclap_session_push_samples(clipclap_session* session,
                                              const clipclap_samples* samples) {
  return guard_with(session, [&] {
    const auto given = read_options(require(samples, "samples"), default_samples());
    session->session.push(to_raw(given), std::isnan(given.start_seconds)
                                             ? std::nullopt
                                             : std::optional(given.start_seconds));
  });
}

clipclap_status clipclap_session_flush(clipclap_session* session) {
  return guard_with(session, [&] { session->session.flush(); });
}

clipclap_status clipclap_session_poll(clipclap_session* session, clipclap_result** result) {
  return guard_with(session, [&] {
    *require(result, "result") = nullptr;
    SessionResult found;
    const auto status = session->session.poll(found);
    return hand_out(status, std::move(found), result);
  });
}

clipclap_status clipclap_session_wait(clipclap_session* session, double timeout_seconds,
                                      clipclap_result** result) {
  return guard_with(session, [&] {
    *require(result, "result") = nullptr;
    SessionResult found;
    const auto status = session->session.wait(
        found, timeout_seconds < 0 ? std::nullopt : std::optional(timeout_seconds));
    return hand_out(status, std::move(found), result);
  });
}

void clipclap_result_free(clipclap_result* result) { std::unique_ptr<clipclap_result>{result}; }

uint64_t clipclap_result_id(const clipclap_result* result) {
  return result != nullptr ? result->result.id : 0;
}

ptrdiff_t clipclap_result_box(const clipclap_result* result) {
  if (result == nullptr || !result->result.box) return -1;
  return static_cast<ptrdiff_t>(*result->result.box);
}

double clipclap_result_start_seconds(const clipclap_result* result) {
  return result != nullptr ? result->result.window.start_seconds : 0;
}

double clipclap_result_end_seconds(const clipclap_result* result) {
  return result != nullptr ? result->result.window.end_seconds : 0;
}

int clipclap_result_is_silent(const clipclap_result* result) {
  return result != nullptr && result->result.window.is_silent ? 1 : 0;
}

size_t clipclap_result_label_count(const clipclap_result* result) {
  return result != nullptr ? result->kept.size() : 0;
}

const char* clipclap_result_label(const clipclap_result* result, size_t index) {
  const auto* label = label_at(result, index);
  return label != nullptr ? label->label.c_str() : nullptr;
}

const char* clipclap_result_unit(const clipclap_result* result, size_t index) {
  const auto* label = label_at(result, index);
  return label != nullptr ? label->unit.c_str() : nullptr;
}

double clipclap_result_score(const clipclap_result* result, size_t index) {
  const auto* label = label_at(result, index);
  return label != nullptr ? static_cast<double>(label->score) : 0;
}

double clipclap_result_similarity(const clipclap_result* result, size_t index) {
  const auto* label = label_at(result, index);
  return label != nullptr ? static_cast<double>(label->similarity) : 0;
}
