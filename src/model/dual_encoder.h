// What every architecture becomes once it is loaded: towers, tokenizer, preprocessing and score.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/model.h>

#include "checkpoint/checkpoint_files.h"
#include "media/preprocessing.h"
#include "text/tokenizer.h"

namespace clipclap::model {

/// A tower turns a batch into one row each, [batch, embedding_dimension], not normalised, in the
/// precision it computes with, on the device where it computes. Immutable; any number of threads
/// may call it.
class PictureTower {
 public:
  virtual ~PictureTower() = default;
  /// `pixels` is [batch, height, width, 3] uint8, prepared as the checkpoint orders; rescaling and
  /// normalisation are the tower's. They lie on its device.
  virtual at::Tensor encode(const at::Tensor& pixels) const = 0;
};

class TextTower {
 public:
  virtual ~TextTower() = default;
  /// `ids` and `mask` are [batch, tokens] int64 on the tower's device, texts padded on the right.
  virtual at::Tensor encode(const at::Tensor& ids, const at::Tensor& mask) const = 0;
};

class SoundTower {
 public:
  virtual ~SoundTower() = default;
  /// `samples` is [batch, samples] float32, mono at the side's sample rate, within ±1. They lie
  /// with the processor, which makes their spectrograms.
  virtual at::Tensor encode(const at::Tensor& samples) const = 0;
};

/// How texts become rows of ids.
struct TextLayout {
  std::size_t length = 77;  ///< tokens that texts are cut to
  std::int64_t pad_id = 0;
  bool pads = true;              ///< the reference fills every text up to `length`
  bool padding_matters = false;  ///< and the tower sees it
};

/// How a cosine becomes a score: softmax over the labels of scale · cosine (CLIP, Radford et al.
/// 2021), or for each label alone sigmoid(scale · cosine + bias) (SigLIP, Zhai et al. 2023).
struct ScoreRule {
  enum class Kind { kSoftmax, kSigmoid };
  Kind kind = Kind::kSoftmax;
  double logit_scale = 1;  ///< the factor, already exponentiated
  double logit_bias = 0;
};

struct TextSide {
  text::Tokenizer tokenizer;
  TextLayout layout;
  std::unique_ptr<const TextTower> tower;
};

struct PictureSide {
  media::Preprocessing preprocessing;
  std::unique_ptr<const PictureTower> tower;
};

struct SoundSide {
  int sample_rate = 0;
  double window_seconds = 0;  ///< that the model was made for
  std::unique_ptr<const SoundTower> tower;
  bool hears_longer = false;  ///< all of longer windows is heard, too
};

/// At least one of picture and sound is there.
struct DualEncoder {
  ModelInfo info;
  checkpoint::CheckpointFiles files;  ///< keeps mapped what the towers view
  TextSide text;
  std::optional<PictureSide> picture;
  std::optional<SoundSide> sound;
  ScoreRule score;
  bool normalizes = true;  ///< whether embeddings are divided by their length
  at::Device device = at::kCPU;
  /// The same on further devices, which share the work with this one.
  std::vector<std::shared_ptr<const DualEncoder>> replicas{};

  /// The one of the replicas and this whose turn it is for the `worker`-th of the threads that
  /// share the work.
  const DualEncoder& for_worker(std::size_t worker) const;

  /// Throw Error (kUnsupported) where the model lacks the sense; the message says what would do.
  const PictureSide& require_picture() const;
  const SoundSide& require_sound() const;
};

/// A text's ids, cut to the layout's length and, if asked for, padded to it.
/// Throws Error (kInvalidArgument) for text that is not UTF-8.
text::Encoding encode_text(const TextSide& side, std::string_view text, bool padded);

/// Normalised embeddings of texts, [count, dimension], float32 with the processor. The batch is cut
/// into pieces that fit.
at::Tensor embed_texts(const DualEncoder& encoder, std::span<const std::string> texts);

/// Normalised embeddings of prepared pixels, [batch, height, width, 3] uint8.
at::Tensor embed_pixels(const DualEncoder& encoder, const at::Tensor& pixels);

/// "softmax" or "sigmoid".
std::string_view to_string(ScoreRule::Kind kind);

/// Normalised embeddings of pictures of any size, [count, dimension].
at::Tensor embed_pictures(const DualEncoder& encoder, std::span<const Picture> pictures);

/// Normalised embeddings of sounds, `samples` as SoundTower takes them.
at::Tensor embed_samples(const DualEncoder& encoder, const at::Tensor& samples);

/// Every row as float32, divided by its Euclidean length. Throws Error (kInvalidData) where a row
/// has none or is not finite: the weights are broken.
at::Tensor normalize_rows(const at::Tensor& rows);

}  // namespace clipclap::model
