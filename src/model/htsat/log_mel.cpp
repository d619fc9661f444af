#include "model/htsat/log_mel.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/diag.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/hann_window.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/view_as_real.h>
#include <c10/core/InferenceMode.h>

namespace clipclap::model {
namespace {

// What lies in a processor's cache; a long file must not be held as overlapping frames.
constexpr std::int64_t kFramesAtOnce = 256;
constexpr double kSilence = 1e-10;

at::Tensor to_exact(const at::Tensor& tensor) { return tensor.to(at::kDouble).contiguous(); }

bool is_windowed_transform(const at::Tensor& real, const at::Tensor& imaginary) {
  constexpr double kRounding = 1e-5;
  const auto window = real[0];
  const auto transform = at::view_as_real(at::fft_rfft(at::diag(window)));  // [frame, bins, 2]
  const auto given = at::stack({real.t(), imaginary.t()}, -1);
  return (transform - given).abs().max().item<double>() < kRounding;
}

}  // namespace

// Triangles touch few bins each: [bins, mels] → the bins from the first to the last that count.
std::vector<LogMel::Band> LogMel::bands_of(const at::Tensor& filters) {
  const auto by_band = filters.t().contiguous();
  const auto bins = by_band.size(1);
  std::vector<Band> bands;
  bands.reserve(static_cast<std::size_t>(by_band.size(0)));
  for (std::int64_t i = 0; i < by_band.size(0); ++i) {
    const std::span row(by_band.const_data_ptr<double>() + i * bins,
                        static_cast<std::size_t>(bins));
    const auto counts = [](double weight) { return weight != 0; };
    const auto first = std::find_if(row.begin(), row.end(), counts);
    const auto last = std::find_if(row.rbegin(), row.rend(), counts).base();
    bands.push_back(
        {first - row.begin(), first < last ? std::vector(first, last) : std::vector<double>()});
  }
  return bands;
}

LogMel::LogMel(const at::Tensor& window, const at::Tensor& filters, std::int64_t hop_length)
    : window_(to_exact(window)),
      filters_(to_exact(filters)),
      bands_(bands_of(filters_)),
      frame_length_(window.size(0)),
      hop_length_(hop_length) {}

LogMel::LogMel(const at::Tensor& real, const at::Tensor& imaginary, const at::Tensor& filters,
               std::int64_t hop_length)
    : filters_(to_exact(filters)),
      bands_(bands_of(filters_)),
      frame_length_(real.size(1)),
      hop_length_(hop_length) {
  if (is_windowed_transform(to_exact(real), to_exact(imaginary))) {
    window_ = to_exact(real[0]);
  } else {
    matrices_ = to_exact(at::cat({real, imaginary}).t());
  }
}

// y(t) = sound(t - half) with the sound reflected at both ends, its last samples not repeated.
void LogMel::read_frame(std::span<const float> sound, std::int64_t frame, double* target) const {
  const auto length = static_cast<std::int64_t>(sound.size());
  const auto first = frame * hop_length_ - frame_length_ / 2;
  for (std::int64_t i = 0; i < frame_length_; ++i) {
    auto place = first + i;
    if (place < 0) place = -place;
    if (place >= length) place = 2 * (length - 1) - place;
    target[i] = sound[static_cast<std::size_t>(place)];
  }
}

// [frames, samples] → [frames, mels]; writes over the frames.
at::Tensor LogMel::power_of_bands(const at::Tensor& frames) const {
  if (!window_.defined()) {
    const auto parts = at::matmul(frames, matrices_).square();
    const auto bins = parts.size(-1) / 2;
    return at::matmul(parts.narrow(-1, 0, bins) + parts.narrow(-1, bins, bins), filters_);
  }
  const auto spectrum = at::view_as_real(at::fft_rfft(frames.mul_(window_))).contiguous();
  const auto count = spectrum.size(0);
  const auto bins = spectrum.size(1);
  auto bands = at::empty({count, static_cast<std::int64_t>(bands_.size())}, at::kDouble);
  auto* band = bands.mutable_data_ptr<double>();
  std::vector<double> power(static_cast<std::size_t>(bins));
  for (std::int64_t frame = 0; frame < count; ++frame) {
    const auto* parts = spectrum.const_data_ptr<double>() + frame * bins * 2;
    for (std::int64_t bin = 0; bin < bins; ++bin) {
      power[static_cast<std::size_t>(bin)] =
          parts[2 * bin] * parts[2 * bin] + parts[2 * bin + 1] * parts[2 * bin + 1];
    }
    for (const auto& [first_bin, weights] : bands_) {
      *band++ = std::inner_product(weights.begin(), weights.end(), power.begin() + first_bin, 0.0);
    }
  }
  return bands;
}

at::Tensor LogMel::operator()(const at::Tensor& samples) const {
  const auto sounds = samples.contiguous();
  const auto length = sounds.size(1);
  const auto frames = 1 + length / hop_length_;
  const auto parts = (frames + kFramesAtOnce - 1) / kFramesAtOnce;
  auto result = at::empty({sounds.size(0), frames, filters_.size(1)});
  at::parallel_for(0, sounds.size(0) * parts, 1, [&](std::int64_t begin, std::int64_t end) {
    const c10::InferenceMode inference;
    for (auto part = begin; part < end; ++part) {
      const auto sound = part / parts;
      const auto start = part % parts * kFramesAtOnce;
      const auto count = std::min(kFramesAtOnce, frames - start);
      const std::span heard(sounds.const_data_ptr<float>() + sound * length,
                            static_cast<std::size_t>(length));
      auto input = at::empty({count, frame_length_}, at::kDouble);
      for (std::int64_t i = 0; i < count; ++i) {
        read_frame(heard, start + i, input.mutable_data_ptr<double>() + i * frame_length_);
      }
      const auto bands = power_of_bands(input).clamp_min_(kSilence).log10_().mul_(10);
      result[sound].narrow(0, start, count).copy_(bands);
    }
  });
  return result;
}

at::Tensor hann_window(std::int64_t length) { return at::hann_window(length, at::kDouble); }

}  // namespace clipclap::model
