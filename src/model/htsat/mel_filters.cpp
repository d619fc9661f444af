#include "model/htsat/mel_filters.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ops/empty.h>

namespace clipclap::model {
namespace {

// Where Slaney's scale turns logarithmic: 1 kHz is mel 15, and 27 mel more are a factor of 6.4.
constexpr double kBreakHertz = 1000;
constexpr double kBreakMel = 15;
const double kMelsAnE = 27 / std::log(6.4);

double to_mel(double hertz, MelScale scale) {
  if (scale == MelScale::kHtk) return 2595 * std::log10(1 + hertz / 700);
  if (hertz < kBreakHertz) return 3 * hertz / 200;
  return kBreakMel + std::log(hertz / kBreakHertz) * kMelsAnE;
}

double to_hertz(double mel, MelScale scale) {
  if (scale == MelScale::kHtk) return 700 * (std::pow(10, mel / 2595) - 1);
  if (mel < kBreakMel) return 200 * mel / 3;
  return kBreakHertz * std::exp((mel - kBreakMel) / kMelsAnE);
}

// Each band reaches from one edge to the next but one, and is highest at the edge between.
std::vector<double> band_edges(const MelBands& bands, MelScale scale) {
  const double first = to_mel(bands.lowest_frequency, scale);
  const double last = to_mel(bands.highest_frequency, scale);
  const auto steps = bands.mel_count + 1;
  std::vector<double> edges;
  for (std::int64_t i = 0; i <= steps; ++i) {
    const double step = (last - first) / static_cast<double>(steps);
    edges.push_back(to_hertz(i == steps ? last : first + static_cast<double>(i) * step, scale));
  }
  return edges;
}

}  // namespace

at::Tensor mel_filters(const MelBands& bands, MelScale scale) {
  const auto edges = band_edges(bands, scale);
  const int nyquist_hertz = bands.sample_rate / 2;  // rounded down, as in the reference
  const double bin_width = nyquist_hertz / static_cast<double>(bands.bin_count - 1);
  auto filters = at::empty({bands.bin_count, bands.mel_count}, at::kDouble);
  auto* weight = filters.data_ptr<double>();
  for (std::int64_t bin = 0; bin < bands.bin_count; ++bin) {
    const double hertz = static_cast<double>(bin) * bin_width;
    for (auto low = edges.begin(); low + 2 != edges.end(); ++low) {
      const double rising = (hertz - low[0]) / (low[1] - low[0]);
      const double falling = (low[2] - hertz) / (low[2] - low[1]);
      const double height = scale == MelScale::kSlaney ? 2 / (low[2] - low[0]) : 1;
      *weight++ = std::max(0.0, std::min(rising, falling)) * height;
    }
  }
  return filters;
}

}  // namespace clipclap::model
