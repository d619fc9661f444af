#include "model/htsat/log_mel.h"

#include <algorithm>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/diag.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/hann_window.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/reflection_pad1d.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/view_as_real.h>

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

LogMel::LogMel(const at::Tensor& window, const at::Tensor& filters, std::int64_t hop_length)
    : window_(to_exact(window)),
      filters_(to_exact(filters)),
      frame_length_(window.size(0)),
      hop_length_(hop_length) {}

LogMel::LogMel(const at::Tensor& real, const at::Tensor& imaginary, const at::Tensor& filters,
               std::int64_t hop_length)
    : filters_(to_exact(filters)), frame_length_(real.size(1)), hop_length_(hop_length) {
  if (is_windowed_transform(to_exact(real), to_exact(imaginary))) {
    window_ = to_exact(real[0]);
  } else {
    matrices_ = to_exact(at::cat({real, imaginary}).t());
  }
}

at::Tensor LogMel::power(const at::Tensor& frames) const {
  if (window_.defined()) {
    return at::view_as_real(at::fft_rfft(frames * window_)).square().sum(-1);
  }
  const auto parts = at::matmul(frames, matrices_).square();
  const auto bins = parts.size(-1) / 2;
  return parts.narrow(-1, 0, bins) + parts.narrow(-1, bins, bins);
}

at::Tensor LogMel::operator()(const at::Tensor& samples) const {
  const auto half = frame_length_ / 2;
  const auto frames = at::reflection_pad1d(samples.to(at::kDouble), {half, half})
                          .unfold(1, frame_length_, hop_length_);
  std::vector<at::Tensor> parts;
  for (std::int64_t start = 0; start < frames.size(1); start += kFramesAtOnce) {
    const auto count = std::min(kFramesAtOnce, frames.size(1) - start);
    const auto mel = at::matmul(power(frames.narrow(1, start, count)), filters_);
    parts.push_back(mel.clamp_min(kSilence).log10().mul(10).to(at::kFloat));
  }
  return at::cat(parts, 1);
}

at::Tensor hann_window(std::int64_t length) { return at::hann_window(length, at::kDouble); }

}  // namespace clipclap::model
