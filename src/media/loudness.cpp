#include "media/loudness.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>

namespace clipclap::media {
namespace {

/// ITU-R BS.1770-5, annex 1, equation 2.
double to_lufs(double mean_square) { return -0.691 + 10 * std::log10(mean_square); }

}  // namespace

// The standard gives the coefficients at 48 kHz only. The analogue filters behind them, for any
// rate: Brecht De Man, "Evaluation of Implementations of the EBU R128 Loudness Measurement" (AES
// 145, 2018), as libebur128 has them.
LoudnessGate::LoudnessGate(int sample_rate) : sample_rate_(sample_rate) {
  const auto warp = [&](double frequency) {
    return std::tan(std::numbers::pi * frequency / sample_rate);
  };
  {
    constexpr double kQ = 0.7071752369554196;
    const double k = warp(1681.974450955533);
    const double high = std::pow(10.0, 3.999843853973347 / 20);
    const double band = std::pow(high, 0.4996667741545416);
    const double scale = 1 / (1 + k / kQ + k * k);
    filters_[0] = {(high + band * k / kQ + k * k) * scale, 2 * (k * k - high) * scale,
                   (high - band * k / kQ + k * k) * scale, 2 * (k * k - 1) * scale,
                   (1 - k / kQ + k * k) * scale};
  }
  {
    constexpr double kQ = 0.5003270373238773;
    const double k = warp(38.13547087602444);
    const double scale = 1 / (1 + k / kQ + k * k);
    filters_[1] = {1, -2, 1, 2 * (k * k - 1) * scale, (1 - k / kQ + k * k) * scale};
  }
}

double LoudnessGate::loudest_block(std::span<const float> samples) const {
  constexpr std::size_t kPartsInBlock = 4;
  const auto part_length = static_cast<std::size_t>(sample_rate_ / 10);
  const auto energies = energies_of_parts(samples, part_length);
  if (energies.empty()) return to_lufs(0);
  const std::size_t parts = std::min(energies.size(), kPartsInBlock);
  double loudest = 0;
  for (std::size_t end = parts; end <= energies.size(); ++end) {
    const auto* first = energies.data() + (end - parts);
    loudest = std::max(loudest, std::accumulate(first, first + parts, 0.0));
  }
  const std::size_t block_length = std::min(samples.size(), kPartsInBlock * part_length);
  return to_lufs(loudest / static_cast<double>(block_length));
}

std::vector<double> LoudnessGate::energies_of_parts(std::span<const float> samples,
                                                    std::size_t part_length) const {
  std::vector<double> energies;
  energies.reserve(samples.size() / part_length + 1);
  std::array<std::array<double, 2>, 2> states{};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i % part_length == 0) energies.push_back(0);
    double value = samples[i];
    for (std::size_t stage = 0; stage < filters_.size(); ++stage) {
      const auto& filter = filters_[stage];
      auto& state = states[stage];
      const double output = filter.b0 * value + state[0];
      state[0] = filter.b1 * value - filter.a1 * output + state[1];
      state[1] = filter.b2 * value - filter.a2 * output;
      value = output;
    }
    energies.back() += value * value;
  }
  return energies;
}

}  // namespace clipclap::media
