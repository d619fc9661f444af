// From media and words to scores.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <clipclap/export.h>
#include <clipclap/labels.h>
#include <clipclap/media.h>
#include <clipclap/model.h>

namespace clipclap {

struct ScoredLabel {
  std::string label;
  float score = 0;       ///< probability among the labels
  float similarity = 0;  ///< cosine, -1 … 1
};

struct TagRecord {
  Window window;
  std::vector<ScoredLabel> labels;  ///< by falling score; equal scores in the user's order
};

struct EmbedRecord {
  Window window;
  std::vector<float> embedding;  ///< of Euclidean length 1
};

struct ScoreOptions {
  double temperature = 1.0;          ///< divides the logits; must be positive
  std::optional<std::size_t> top{};  ///< keep the best n; all where not set
  double threshold = 0;              ///< drop labels whose score is below it
};

/// How far one input has come.
struct Progress {
  double position_seconds = 0;               ///< behind its start
  std::optional<double> duration_seconds{};  ///< where the container tells it
  std::size_t windows = 0;
};

struct RunOptions {
  Sampling sampling;
  std::size_t batch = 16;   ///< pictures that go through the tower at once
  int decoder_threads = 0;  ///< 0 lets libavcodec choose
  std::function<void(const Progress&)> on_progress{};  ///< called after every batch
  const std::atomic<bool>* stop = nullptr;             ///< checked between pictures: kCancelled
};

/// Scores media against one set of words. The text tower runs once, in the constructor.
/// Thread-safe as far as Model is.
class CLIPCLAP_API Tagger {
 public:
  /// Throws Error (kInvalidArgument) for labels or options that cannot be.
  Tagger(Model model, const LabelSet& labels, const ScoreOptions& options = {});
  ~Tagger();
  Tagger(Tagger&&) noexcept;
  Tagger& operator=(Tagger&&) noexcept;

  /// Hands every window's record to `sink`, in order. Throws Error as soon as the input fails:
  /// records handed over before it are good. What `sink` throws passes through.
  void tag(const std::string& input, const RunOptions& options,
           const std::function<void(const TagRecord&)>& sink) const;

  /// One picture that the caller decoded.
  std::vector<ScoredLabel> tag(const Picture& picture) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// As Tagger::tag, but hands over the embeddings themselves.
CLIPCLAP_API void embed(const Model& model, const std::string& input, const RunOptions& options,
                        const std::function<void(const EmbedRecord&)>& sink);

/// The inputs that a path stands for: a folder gives the images and videos below it, sorted by
/// path, symbolic links to files followed, hidden entries left out; anything else is itself.
/// Throws Error (kNotFound) for a folder without any.
CLIPCLAP_API std::vector<std::string> expand_input(const std::string& path);

}  // namespace clipclap
