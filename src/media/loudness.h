// Whether there is anything to hear.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace clipclap::media {

/// Finds silence as EBU R 128 gates it: blocks of 400 ms, 100 ms apart, K-weighted (ITU-R
/// BS.1770-5, annex 1), each with a loudness in LUFS of one channel. Immutable.
class LoudnessGate {
 public:
  explicit LoudnessGate(int sample_rate);

  /// The loudness of the loudest block; sounds shorter than a block are one. Minus infinity for
  /// zeros and for no samples.
  double loudest_block(std::span<const float> samples) const;

 private:
  /// Sums of squares behind the filters; the last part may be shorter.
  std::vector<double> energies_of_parts(std::span<const float> samples,
                                        std::size_t part_length) const;

  /// A second-order filter: y = b0·x + b1·x₁ + b2·x₂ - a1·y₁ - a2·y₂.
  struct Biquad {
    double b0, b1, b2, a1, a2;
  };

  int sample_rate_;
  std::array<Biquad, 2> filters_;
};

}  // namespace clipclap::media
