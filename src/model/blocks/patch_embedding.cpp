#include "model/blocks/patch_embedding.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

namespace clipclap::model {
namespace {

at::Tensor per_channel(const std::array<double, 3>& values) {
  return at::tensor(at::ArrayRef<double>(values), at::kDouble).view({1, 1, 1, 3});
}

// W·(x·r − m)/s = (W·r/s)·x − W·m/s, in double so that nothing is lost on the way.
Linear fold(const at::Tensor& weight, const at::Tensor& bias,
            const media::Preprocessing& preprocessing, const at::TensorOptions& options,
            Products products) {
  const auto std = per_channel(preprocessing.std);
  const auto by_pixel = weight.to(at::kDouble).permute({0, 2, 3, 1});  // [width, y, x, channel]
  const auto scaled = by_pixel * (preprocessing.rescale / std);
  auto shift = -(by_pixel * (per_channel(preprocessing.mean) / std)).sum({1, 2, 3});
  if (bias.defined()) shift = shift + bias.to(at::kDouble);
  const auto usual_pixel = per_channel(preprocessing.mean) / preprocessing.rescale;
  return Linear(scaled.reshape({weight.size(0), -1}).to(options), shift.to(options), products,
                usual_pixel.expand({1, weight.size(2), weight.size(3), 3}).flatten());
}

}  // namespace

PatchEmbedding::PatchEmbedding(const at::Tensor& weight, const at::Tensor& bias,
                               const media::Preprocessing& preprocessing,
                               const at::TensorOptions& options, Products products)
    : patch_size_(weight.size(2)),
      type_(products == Products::kInt8 ? at::kByte : c10::typeMetaToScalarType(options.dtype())),
      projection_(fold(weight, bias, preprocessing, options, products)) {}

at::Tensor PatchEmbedding::operator()(const at::Tensor& pixels) const {
  const auto rows = pixels.size(1) / patch_size_;
  const auto columns = pixels.size(2) / patch_size_;
  const auto patches =
      pixels.narrow(1, 0, rows * patch_size_)
          .narrow(2, 0, columns * patch_size_)
          .reshape({pixels.size(0), rows, patch_size_, columns, patch_size_ * 3})
          .transpose(2, 3)
          .to(type_, /*non_blocking=*/false, /*copy=*/false, at::MemoryFormat::Contiguous)
          .reshape({pixels.size(0), rows * columns, patch_size_ * patch_size_ * 3});
  return projection_(patches);
}

}  // namespace clipclap::model
