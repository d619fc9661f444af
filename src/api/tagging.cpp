#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <clipclap/error.h>
#include <clipclap/tagging.h>

#include "base/log.h"
#include "classify/prompts.h"
#include "classify/scorer.h"
#include "classify/timeline.h"
#include "classify/window_encoder.h"
#include "model/dual_encoder.h"

namespace clipclap {
namespace {

struct Judge {
  Model model;
  classify::Scorer scorer;
};

Judge make_judge(TaggerPart part) {
  part.labels.validate();
  const auto& encoder = part.model.encoder();
  classify::Scorer scorer(part.labels.labels, classify::embed_labels(encoder, part.labels),
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

// Makes records of batches and puts those of several streams into one order.
template <class Record>
class RecordSink final : public classify::EncodedSink {
 public:
  using MakeRecords = std::function<std::vector<Record>(const classify::EncodedBatch&)>;

  using Begin = std::function<void(const classify::EncodedStreams&)>;

  RecordSink(Begin begin, MakeRecords make, std::function<void(const Record&)> sink)
      : begin_(std::move(begin)), make_(std::move(make)), sink_(std::move(sink)) {}

  void begin(const classify::EncodedStreams& streams) override {
    if (begin_) begin_(streams);
    timeline_.emplace(streams.count, sink_);
  }

  void take(const classify::EncodedBatch& batch) override {
    for (auto& record : make_(batch)) timeline_->add(batch.stream, std::move(record));
  }

  void finish() {
    if (timeline_) timeline_->finish();
  }

 private:
  Begin begin_;
  MakeRecords make_;
  std::function<void(const Record&)> sink_;
  std::optional<classify::Timeline<Record>> timeline_;
};

template <class Record>
void run(const classify::Senses& senses, const std::string& input, const RunOptions& options,
         RecordSink<Record> records) {
  try {
    classify::encode_windows(senses, input, options, records);
  } catch (const Error&) {
    records.finish();  // what was read before is good
    throw;
  }
  records.finish();
}

}  // namespace

struct Tagger::Implementation {
  std::vector<Judge> judges;
  classify::Senses senses;

  /// Many threads may tag at once; the first to meet it says it.
  mutable std::atomic<bool> warned = false;

  const classify::Scorer& scorer_of(const model::DualEncoder* sense) const;
  void warn_of_what_is_passed_over(const std::string& input,
                                   const classify::EncodedStreams& streams) const;
};

void Tagger::Implementation::warn_of_what_is_passed_over(
    const std::string& input, const classify::EncodedStreams& streams) const {
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

void Tagger::tag(const std::string& input, const RunOptions& options,
                 const std::function<void(const TagRecord&)>& sink) const {
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
  const auto begin = [&](const classify::EncodedStreams& streams) {
    if (options.streams.empty()) implementation_->warn_of_what_is_passed_over(input, streams);
  };
  run<TagRecord>(senses, input, options, {begin, make, sink});
}

std::vector<ScoredLabel> Tagger::tag(const Picture& picture) const {
  // A model that does not see says so itself.
  const auto* eyes = implementation_->senses.eyes;
  const auto& encoder = eyes != nullptr ? *eyes : implementation_->judges.front().model.encoder();
  const auto embedding = model::embed_pictures(encoder, std::span(&picture, 1));
  return implementation_->scorer_of(&encoder).score(embedding).front();
}

void embed(std::span<const Model> models, const std::string& input, const RunOptions& options,
           const std::function<void(const EmbedRecord&)>& sink) {
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
  run<EmbedRecord>(senses, input, options, {{}, make, sink});
}

void embed(const Model& model, const std::string& input, const RunOptions& options,
           const std::function<void(const EmbedRecord&)>& sink) {
  embed(std::span(&model, 1), input, options, sink);
}

}  // namespace clipclap
