#include "model/htsat/sound_window.h"

#include <algorithm>

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include <clipclap/error.h>

namespace clipclap::model {

using Padding = checkpoint::AudioPreprocessing::Padding;

at::Tensor fit_to_window(const at::Tensor& samples, std::int64_t length, Padding padding) {
  const auto count = samples.size(1);
  if (count == 0) throw Error(ErrorCode::kInvalidArgument, "the sound has no samples");
  if (count >= length) return samples.narrow(1, 0, length);
  auto filled = samples;
  if (padding == Padding::kRepeatThenSilence) filled = samples.repeat({1, length / count});
  if (padding == Padding::kRepeat) filled = samples.repeat({1, length / count + 1});
  return at::constant_pad_nd(filled, {0, length - filled.size(1)});
}

at::Tensor fuse_windows(const at::Tensor& log_mel, std::int64_t frame_count) {
  // As numpy.array_split cuts them: the first thirds take what three does not divide. A third
  // without a beginning takes the first window.
  const auto beginnings = log_mel.size(1) - frame_count + 1;
  const auto first_third = (beginnings + 2) / 3;
  const auto second_third = (beginnings + 1) / 3;
  const auto last_third = beginnings / 3;
  const auto middle = second_third == 0 ? 0 : first_third + second_third / 2;
  const auto last = last_third == 0 ? 0 : beginnings - 1;
  const auto whole = at::upsample_bilinear2d(log_mel.unsqueeze(1), {frame_count, log_mel.size(2)},
                                             /*align_corners=*/false);
  return at::stack({whole.squeeze(1), log_mel.narrow(1, 0, frame_count),
                    log_mel.narrow(1, middle, frame_count), log_mel.narrow(1, last, frame_count)},
                   1);
}

}  // namespace clipclap::model
