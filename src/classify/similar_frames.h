// Frames that look like others need not go through the tower.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/media.h>

#include "media/media_stream.h"

namespace clipclap::classify {

/// Mean colours of the parts of a prepared picture, 14 × 14 of them.
using Signature = std::array<float, std::size_t{14} * 14 * 3>;
Signature signature_of(const Picture& picture);
/// Mean absolute difference, in levels of 0 … 255.
float difference(const Signature& a, const Signature& b);

/// One stream's frames. Of a stretch of frames that look like its first one, only the first and the
/// one behind its last are encoded; where those agree, what lies between gets what lies between
/// their embeddings, otherwise the stretch is halved, down to single frames. Memory is bounded by a
/// few stretches. Not thread-safe.
class SimilarFrames {
 public:
  /// Whether frames between two embeddings, which look as different as told from the first, can be
  /// taken for what these are.
  using Agree = std::function<bool(const at::Tensor& a, const at::Tensor& b, float difference)>;

  explicit SimilarFrames(Agree agree) : agree_(std::move(agree)) {}

  void add(media::SampledPicture picture, Window window);
  /// No more come.
  void finish();

  /// A frame that has to be encoded; it stays as it is until its embedding comes.
  struct Wanted {
    std::size_t number;
    const media::SampledPicture* picture;
    const Window* window;
  };
  std::optional<Wanted> next_wanted();
  void take(std::size_t number, const at::Tensor& embedding);

  struct Ready {
    Window window;
    at::Tensor embedding;
  };
  /// The next in order whose embedding is known.
  std::optional<Ready> next_ready();

  std::size_t waiting() const { return frames_.size(); }

 private:
  struct Frame {
    media::SampledPicture picture;
    Window window;
    Signature signature;
    at::Tensor embedding{};
  };
  struct Stretch {
    std::size_t first;
    std::size_t last;
  };

  Frame& at(std::size_t number) { return frames_[number - handed_over_]; }
  void close_stretch(std::size_t last);
  void settle(const Stretch& stretch);
  void fill(const Stretch& stretch);

  Agree agree_;
  std::deque<Frame> frames_;  ///< from number handed_over_ on
  std::size_t handed_over_ = 0;
  std::size_t added_ = 0;
  std::size_t stretch_first_ = 0;
  bool finished_ = false;
  std::deque<std::size_t> wanted_;
  std::vector<Stretch> open_;
};

}  // namespace clipclap::classify
