// From media and words to scores.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <clipclap/boxes.h>
#include <clipclap/categories.h>
#include <clipclap/error.h>
#include <clipclap/export.h>
#include <clipclap/labels.h>
#include <clipclap/media.h>
#include <clipclap/model.h>

namespace clipclap {

struct ScoredLabel {
  std::string label;
  float score = 0;       ///< probability among the labels
  float similarity = 0;  ///< cosine, -1 … 1
  std::string unit{};    ///< of a categories file; empty without one
};

struct TagRecord {
  Window window;
  /// By falling score; equal scores in the user's order. Those of a unit stand together, units in
  /// their order, so the first of each is its best. None where the window is silent.
  std::vector<ScoredLabel> labels;
};

struct EmbedRecord {
  Window window;
  std::vector<float> embedding;  ///< of Euclidean length 1; empty where the window is silent
};

struct ScoreOptions {
  double temperature = 1.0;             ///< divides the logits; must be positive
  std::optional<double> logit_scale{};  ///< the factor of cosines in place of the model's own
  std::optional<std::size_t> top{};     ///< keep the best n, of each unit; all where not set
  double threshold = 0;                 ///< drop labels whose score is below it
};

/// How far a run has come.
struct Progress {
  std::size_t input = 0;                     ///< its number, of those given
  double position_seconds = 0;               ///< behind that input's start
  std::optional<double> duration_seconds{};  ///< where the container tells it
  std::size_t windows = 0;                   ///< of all inputs so far
};

struct RunOptions {
  Sampling sampling{};                  ///< of videos
  std::vector<StreamChoice> streams{};  ///< empty: the best of each kind that the models take
  std::optional<double>
      window_seconds{};                 ///< of sound; not set: as long as the model hears at once
  std::optional<double> hop_seconds{};  ///< from window to window; not set: half a window
  /// Windows of sound are silent where no block of 400 ms is louder than this, in LUFS (the gate of
  /// EBU R 128). Not set: all is scored.
  std::optional<double> silence_floor = -70;
  /// Frames of a video that look like those around them are not encoded where these agree: in what
  /// their best label is, or, without labels, in a cosine of 0.99. Their embeddings are
  /// interpolated.
  bool skip_similar = false;
  /// Where set, these regions are looked at in place of pictures and sampled frames, each with a
  /// record of its own, and what has none is passed over; `sampling` counts for nothing, and
  /// `skip_similar` must not be set. Sound is heard as ever.
  std::shared_ptr<const std::vector<DetectedBox>> boxes{};
  /// Pictures, or windows, that go through a tower at once; 0: 8 with a processor or with
  /// `skip_similar`, else as many as the device's memory holds.
  std::size_t batch = 0;
  int decoder_threads = 0;                             ///< 0: what keeps all cores busy
  std::function<void(const Progress&)> on_progress{};  ///< called after every batch
  const std::atomic<bool>* stop = nullptr;             ///< checked between batches: kCancelled
};

/// Hears of an input that failed; the others go on.
using InputFailure = std::function<void(const std::string& input, const Error& error)>;

/// A model and the words that it judges by.
struct TaggerPart {
  Model model;
  LabelSet labels;
  ScoreOptions options{};
  CategorySet categories{};  ///< in place of labels, where there are any
};

/// Leaves the labels that the options keep: for records that were made with all of them.
CLIPCLAP_API void keep_best(std::vector<ScoredLabel>& labels, const ScoreOptions& options);

/// Scores media against words. The text tower runs once, in the constructor. Thread-safe as far as
/// Model is.
class CLIPCLAP_API Tagger {
 public:
  /// Throws Error (kInvalidArgument) for labels or options that cannot be.
  Tagger(Model model, const LabelSet& labels, const ScoreOptions& options = {});
  /// A model that sees and one that hears look at a file together. Throws Error (kInvalidArgument)
  /// also for two that have the same sense.
  explicit Tagger(std::vector<TaggerPart> parts);
  ~Tagger();
  Tagger(Tagger&&) noexcept;
  Tagger& operator=(Tagger&&) noexcept;

  /// Hands every window's record to `sink`, from the calling thread: of a stream in order, of
  /// several by where they begin. What the models cannot take of a file is passed over with a
  /// warning, once. Throws Error where the input fails: records handed over before it are good.
  /// What `sink` throws passes through.
  void tag(const std::string& input, const RunOptions& options,
           const std::function<void(const TagRecord&)>& sink) const;
  /// The same for several, one after the other; windows of all of them fill the batches. Throws
  /// Error (kCancelled, kInvalidArgument) for what concerns all inputs.
  void tag(std::span<const std::string> inputs, const RunOptions& options,
           const std::function<void(const TagRecord&)>& sink, const InputFailure& on_failure) const;

  /// One picture that the caller decoded. Throws Error (kUnsupported) where no model sees.
  std::vector<ScoredLabel> tag(const Picture& picture) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// As Tagger::tag, but hands over the embeddings themselves.
CLIPCLAP_API void embed(std::span<const Model> models, std::span<const std::string> inputs,
                        const RunOptions& options,
                        const std::function<void(const EmbedRecord&)>& sink,
                        const InputFailure& on_failure);
CLIPCLAP_API void embed(std::span<const Model> models, const std::string& input,
                        const RunOptions& options,
                        const std::function<void(const EmbedRecord&)>& sink);
CLIPCLAP_API void embed(const Model& model, const std::string& input, const RunOptions& options,
                        const std::function<void(const EmbedRecord&)>& sink);

/// What is looked for in folders. Videos are, in any case: they may be seen or heard.
struct InputKinds {
  bool seen = true;    ///< pictures
  bool heard = false;  ///< sounds
};

/// The inputs that a path stands for: a folder gives the files of these kinds below it, sorted by
/// path, symbolic links to files followed, hidden entries left out; anything else is itself.
/// Throws Error (kNotFound) for a folder without any.
CLIPCLAP_API std::vector<std::string> expand_input(const std::string& path,
                                                   const InputKinds& kinds = {});

}  // namespace clipclap
