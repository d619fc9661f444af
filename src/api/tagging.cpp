#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <map>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include <ATen/ops/dot.h>

#include <clipclap/error.h>
#include <clipclap/tagging.h>

#include "base/log.h"
#include "classify/encode_inputs.h"
#include "classify/prompts.h"
#include "classify/scorer.h"
#include "classify/timeline.h"
#include "model/dual_encoder.h"

namespace clipclap {
namespace {

struct Judge {
  Model model;
  classify::Scorer scorer;
};

Judge make_judge(TaggerPart part) {
  const auto& encoder = part.model.encoder();
  classify::Scorer scorer(classify::embed_words(encoder, part.labels, part.categories),
                          encoder.score, part.options);
  return {std::move(part.model), std::move(scorer)};
}

void take_sense(const model::DualEncoder*& sense, const model::DualEncoder& encoder,
                std::string_view verb) {
  if (sense != nullptr) {
    throw Error(ErrorCode::kInvalidArgument, "two models " + std::string(verb) + ": " +
                                                 sense->info.name + " and " + encoder.info.name +
                                                 "; one that sees and one that hears go together");
  }
  sense = &encoder;
}

void add_senses(classify::Senses& senses, const Model& model) {
  const auto& encoder = model.encoder();
  if (encoder.picture) take_sense(senses.eyes, encoder, "see");
  if (encoder.sound) take_sense(senses.ears, encoder, "hear");
}

// Levels by which frames of one scene may differ before little can be said of those between them.
constexpr float kLikeEachOther = 4;

// How far the best label of two frames must lead for the frames between to have it as well
// (docs/decisions/similar-frames.md).
double lead_needed(float difference) {
  constexpr double kLeadALevel = 0.1;
  return kLeadALevel * difference * std::max(1.0F, difference / kLikeEachOther);
}

// What concerns one input alone. The rest is thrown.
Error to_error(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw;
    return error;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return {ErrorCode::kInternal, error.what()};
  }
}

// Makes records of batches and puts them into the order of the inputs, and of each input's windows.
template <class Record>
class RecordSink final : public classify::EncodedSink {
 public:
  using Begin = std::function<void(std::size_t input, const classify::InputStreams&)>;
  using MakeRecords = std::function<std::vector<Record>(const classify::EncodedBatch&)>;
  using Sink = std::function<void(const Record&)>;
  using Agree = std::function<bool(const at::Tensor& a, const at::Tensor& b, float difference)>;

  RecordSink(Begin begin, MakeRecords make, Agree agree, Sink sink,
             std::function<void(std::size_t, Error)> fail)
      : begin_(std::move(begin)),
        make_(std::move(make)),
        agree_(std::move(agree)),
        sink_(std::move(sink)),
        fail_(std::move(fail)) {}

  void begin(std::size_t input, const classify::InputStreams& streams) override {
    if (begin_) begin_(input, streams);
    inputs_.try_emplace(input, classify::Timeline<Record>(
                                   streams.streams.size(),
                                   [this, input](const Record& record) { emit(input, record); }));
  }

  void take(const classify::EncodedBatch& batch) override {
    auto records = make_(batch);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto& place = batch.places[i];
      inputs_.at(place.input).timeline.add(place.stream, std::move(records[i]));
    }
  }

  void end(std::size_t input, const std::exception_ptr& failure) override {
    finish();
    inputs_.erase(input);
    current_ = input + 1;
    if (failure) fail_(input, to_error(failure));
    const auto next = inputs_.find(current_);
    if (next == inputs_.end()) return;
    for (const auto& record : std::exchange(next->second.early, {})) sink_(record);
  }

  bool agree(const at::Tensor& a, const at::Tensor& b, float difference) const override {
    return agree_(a, b, difference);
  }

  /// What waits of the current input is good, whatever comes.
  void finish() {
    const auto found = inputs_.find(current_);
    if (found != inputs_.end()) found->second.timeline.finish();
  }

 private:
  struct InputRecords {
    explicit InputRecords(classify::Timeline<Record> order) : timeline(std::move(order)) {}
    classify::Timeline<Record> timeline;
    std::vector<Record> early{};  ///< before the input's turn
  };

  void emit(std::size_t input, const Record& record) {
    if (input == current_) return sink_(record);
    inputs_.at(input).early.push_back(record);
  }

  Begin begin_;
  MakeRecords make_;
  Agree agree_;
  Sink sink_;
  std::function<void(std::size_t, Error)> fail_;
  std::map<std::size_t, InputRecords> inputs_;
  std::size_t current_ = 0;
};

template <class Record>
void run(const classify::Senses& senses, std::span<const std::string> inputs,
         const RunOptions& options, RecordSink<Record> records) {
  try {
    classify::encode_inputs(senses, inputs, options, records);
  } catch (const Error&) {
    records.finish();
    throw;
  }
}

[[noreturn]] void rethrow(const std::string& /*input*/, const Error& error) { throw Error(error); }

}  // namespace

struct Tagger::Implementation {
  std::vector<Judge> judges;
  classify::Senses senses;

  /// Many threads may tag at once; the first to meet it says it.
  mutable std::atomic<bool> warned = false;

  const classify::Scorer& scorer_of(const model::DualEncoder* sense) const;
  void warn_of_what_is_passed_over(const std::string& input,
                                   const classify::InputStreams& streams) const;
};

void Tagger::Implementation::warn_of_what_is_passed_over(
    const std::string& input, const classify::InputStreams& streams) const {
  if (!(streams.has_unheard || streams.has_unseen) || warned.exchange(true)) return;
  log_warning(input + (streams.has_unheard
                           ? ": its sound is passed over, here and in what follows; a model that "
                             "hears can be given beside this one"
                           : ": its pictures are passed over, here and in what follows; a model "
                             "that sees can be given beside this one"));
}

const classify::Scorer& Tagger::Implementation::scorer_of(const model::DualEncoder* sense) const {
  for (const auto& judge : judges) {
    if (&judge.model.encoder() == sense) return judge.scorer;
  }
  throw Error(ErrorCode::kInternal, "a stream without a model");
}

Tagger::Tagger(Model model, const LabelSet& labels, const ScoreOptions& options)
    : Tagger(std::vector<TaggerPart>{{std::move(model), labels, options}}) {}

Tagger::Tagger(std::vector<TaggerPart> parts)
    : implementation_(std::make_unique<Implementation>()) {
  if (parts.empty()) throw Error(ErrorCode::kInvalidArgument, "there is no model to judge");
  for (const auto& part : parts) add_senses(implementation_->senses, part.model);
  for (auto& part : parts) implementation_->judges.push_back(make_judge(std::move(part)));
}

Tagger::~Tagger() = default;
Tagger::Tagger(Tagger&&) noexcept = default;
Tagger& Tagger::operator=(Tagger&&) noexcept = default;

void Tagger::tag(std::span<const std::string> inputs, const RunOptions& options,
                 const std::function<void(const TagRecord&)>& sink,
                 const InputFailure& on_failure) const {
  const auto& senses = implementation_->senses;
  const auto make = [&](const classify::EncodedBatch& batch) {
    const bool is_sound = batch.windows.front().kind == MediaKind::kAudio;
    const auto& scorer = implementation_->scorer_of(is_sound ? senses.ears : senses.eyes);
    auto scores = scorer.score(batch.embeddings);
    std::vector<TagRecord> records;
    auto next = scores.begin();
    for (const auto& window : batch.windows) {
      records.push_back({window, {}});
      if (!window.is_silent) records.back().labels = std::move(*next++);
    }
    return records;
  };
  const auto agree = [&](const at::Tensor& a, const at::Tensor& b, float difference) {
    return implementation_->scorer_of(senses.eyes).agree(a, b, lead_needed(difference));
  };
  const auto begin = [&](std::size_t input, const classify::InputStreams& streams) {
    if (!options.streams.empty()) return;
    implementation_->warn_of_what_is_passed_over(inputs[input], streams);
  };
  const auto fail = [&](std::size_t input, const Error& error) {
    on_failure(inputs[input], error);
  };
  run<TagRecord>(senses, inputs, options, {begin, make, agree, sink, fail});
}

void Tagger::tag(const std::string& input, const RunOptions& options,
                 const std::function<void(const TagRecord&)>& sink) const {
  tag(std::span(&input, 1), options, sink, rethrow);
}

std::vector<ScoredLabel> Tagger::tag(const Picture& picture) const {
  // A model that does not see says so itself.
  const auto* eyes = implementation_->senses.eyes;
  const auto& encoder = eyes != nullptr ? *eyes : implementation_->judges.front().model.encoder();
  const auto embedding = model::embed_pictures(encoder, std::span(&picture, 1));
  return implementation_->scorer_of(&encoder).score(embedding).front();
}

void embed(std::span<const Model> models, std::span<const std::string> inputs,
           const RunOptions& options, const std::function<void(const EmbedRecord&)>& sink,
           const InputFailure& on_failure) {
  classify::Senses senses;
  for (const auto& model : models) add_senses(senses, model);
  const auto make = [](const classify::EncodedBatch& batch) {
    const auto dimension = batch.embeddings.size(1);
    const auto* row = batch.embeddings.const_data_ptr<float>();
    std::vector<EmbedRecord> records;
    for (const auto& window : batch.windows) {
      records.push_back({window, {}});
      if (window.is_silent) continue;
      records.back().embedding.assign(row, row + dimension);
      row += dimension;
    }
    return records;
  };
  const auto fail = [&](std::size_t input, const Error& error) {
    on_failure(inputs[input], error);
  };
  const auto agree = [](const at::Tensor& a, const at::Tensor& b, float difference) {
    constexpr double kNear = 0.99;
    return difference <= kLikeEachOther && at::dot(a, b).item<double>() >= kNear;
  };
  run<EmbedRecord>(senses, inputs, options, {{}, make, agree, sink, fail});
}

void embed(std::span<const Model> models, const std::string& input, const RunOptions& options,
           const std::function<void(const EmbedRecord&)>& sink) {
  embed(models, std::span(&input, 1), options, sink, rethrow);
}

void embed(const Model& model, const std::string& input, const RunOptions& options,
           const std::function<void(const EmbedRecord&)>& sink) {
  embed(std::span(&model, 1), input, options, sink);
}

}  // namespace clipclap
