#include "process/pixels.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

namespace clipclap::process {
namespace {

constexpr float kWhite = 255;

std::vector<std::uint8_t> to_luma(const Picture& picture) {
  std::vector<std::uint8_t> luma(picture.rgb.size() / 3);
  for (std::size_t i = 0; i < luma.size(); ++i) {
    const auto* pixel = &picture.rgb[3 * i];
    // BT.601's weights in 1/65536; their sum is 65536, so grey stays what it is.
    constexpr std::uint32_t kHalf = 1U << 15;
    luma[i] = static_cast<std::uint8_t>(
        (pixel[0] * 19595U + pixel[1] * 38470U + pixel[2] * 7471U + kHalf) >> 16);
  }
  return luma;
}

}  // namespace

at::Tensor to_planes(const Picture& picture, std::int64_t channels) {
  const auto luma = channels == 1 ? to_luma(picture) : std::vector<std::uint8_t>{};
  // LibTorch takes no const memory; it is only read.
  auto* bytes = const_cast<std::uint8_t*>((channels == 1 ? luma : picture.rgb).data());
  return at::from_blob(bytes, {picture.height, picture.width, channels}, at::kByte)
      .permute({2, 0, 1})
      .to(at::kFloat)
      .div_(kWhite)
      .contiguous();
}

std::vector<std::uint8_t> to_bytes(const at::Tensor& planes) {
  const auto packed = planes.clamp(0, 1).mul_(kWhite).round_().to(at::kByte).permute({1, 2, 0});
  const auto rows = packed.contiguous();
  const auto* bytes = rows.const_data_ptr<std::uint8_t>();
  return {bytes, bytes + rows.numel()};
}

}  // namespace clipclap::process
