#include "classify/similar_frames.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <c10/core/InferenceMode.h>

namespace clipclap::classify {
namespace {

constexpr int kParts = 14;

/// Of a film of people walking, filmed by a fixed camera, these leave a twentieth of the frames;
/// lower ones leave more and change no label less often, since the ends are asked
/// (docs/decisions/similar-frames.md).
constexpr float kMostDifference = 6;
constexpr std::size_t kLongestStretch = 32;

}  // namespace

Signature signature_of(const Picture& picture) {
  Signature signature{};
  const auto edge = [](int part, int size) { return part * size / kParts; };
  for (int row = 0; row < kParts; ++row) {
    const int top = edge(row, picture.height);
    const int bottom = std::max(edge(row + 1, picture.height), top + 1);
    for (int column = 0; column < kParts; ++column) {
      const int left = edge(column, picture.width);
      const int right = std::max(edge(column + 1, picture.width), left + 1);
      std::uint32_t sums[3] = {};
      for (int y = std::min(top, picture.height - 1); y < std::min(bottom, picture.height); ++y) {
        const auto* pixel =
            &picture
                 .rgb[3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                           static_cast<std::size_t>(left))];
        for (int x = left; x < std::min(right, picture.width); ++x, pixel += 3) {
          for (int channel = 0; channel < 3; ++channel) sums[channel] += pixel[channel];
        }
      }
      const auto place =
          3 * (static_cast<std::size_t>(row) * kParts + static_cast<std::size_t>(column));
      const auto count = static_cast<float>((bottom - top) * (right - left));
      for (std::size_t channel = 0; channel < 3; ++channel) {
        signature[place + channel] = static_cast<float>(sums[channel]) / count;
      }
    }
  }
  return signature;
}

float difference(const Signature& a, const Signature& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<float>(a.size());
}

void SimilarFrames::add(media::SampledPicture picture, Window window) {
  const auto number = added_++;
  const auto signature = signature_of(picture.picture);
  frames_.push_back({std::move(picture), std::move(window), signature});
  if (number == 0) {
    wanted_.push_back(number);
    return;
  }
  const bool is_over = number - stretch_first_ == kLongestStretch ||
                       difference(at(stretch_first_).signature, signature) > kMostDifference;
  if (is_over) close_stretch(number);
}

void SimilarFrames::finish() {
  finished_ = true;
  if (added_ > 0 && stretch_first_ + 1 < added_) close_stretch(added_ - 1);
}

/// The last frame of a stretch is the first of the next.
void SimilarFrames::close_stretch(std::size_t last) {
  open_.push_back({stretch_first_, last});
  wanted_.push_back(last);
  stretch_first_ = last;
}

std::optional<SimilarFrames::Wanted> SimilarFrames::next_wanted() {
  if (wanted_.empty()) return std::nullopt;
  const auto number = wanted_.front();
  wanted_.pop_front();
  const auto& frame = at(number);
  return Wanted{number, &frame.picture, &frame.window};
}

void SimilarFrames::take(std::size_t number, const at::Tensor& embedding) {
  at(number).embedding = embedding;
  for (std::size_t i = 0; i < open_.size();) {
    const auto stretch = open_[i];
    const bool is_known =
        at(stretch.first).embedding.defined() && at(stretch.last).embedding.defined();
    if (!is_known) {
      ++i;
      continue;
    }
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    settle(stretch);
  }
}

void SimilarFrames::settle(const Stretch& stretch) {
  const auto& [first, last] = stretch;
  if (last - first < 2) return;
  float most = 0;
  for (auto i = first + 1; i <= last; ++i) {
    most = std::max(most, difference(at(first).signature, at(i).signature));
  }
  if (agree_(at(first).embedding, at(last).embedding, most)) return fill(stretch);
  const auto middle = (first + last) / 2;
  wanted_.push_back(middle);
  open_.push_back({first, middle});
  open_.push_back({middle, last});
}

void SimilarFrames::fill(const Stretch& stretch) {
  const c10::InferenceMode no_autograd;
  const auto length = static_cast<double>(stretch.last - stretch.first);
  for (auto i = stretch.first + 1; i < stretch.last; ++i) {
    const double weight = static_cast<double>(i - stretch.first) / length;
    const auto between = at::lerp(at(stretch.first).embedding, at(stretch.last).embedding, weight);
    at(i).embedding = between / at::linalg_vector_norm(between);
  }
}

std::optional<SimilarFrames::Ready> SimilarFrames::next_ready() {
  if (frames_.empty() || !frames_.front().embedding.defined()) return std::nullopt;
  // Stretches compare with their first frame as long as they are open.
  const auto is_first = [&](const Stretch& stretch) { return stretch.first == handed_over_; };
  if (std::any_of(open_.begin(), open_.end(), is_first)) return std::nullopt;
  if (stretch_first_ == handed_over_ && !finished_) return std::nullopt;
  Ready ready{std::move(frames_.front().window), frames_.front().embedding};
  frames_.pop_front();
  ++handed_over_;
  return ready;
}

}  // namespace clipclap::classify
