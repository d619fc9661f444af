#include "model/htsat/patches.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/sigmoid.h>

#include "model/htsat/batch_norm.h"

namespace clipclap::model {

PatchConvolution::PatchConvolution(const Weights& weights, std::string_view name,
                                   const checkpoint::HtsatConfig& config, int columns)
    : weight_(weights.below(name).tensor("weight", {config.patch_width, 1, config.patch_size,
                                                    std::int64_t{config.patch_size} * columns})),
      bias_(weights.below(name).tensor("bias", {config.patch_width})),
      stride_(config.patch_stride),
      columns_(columns),
      padding_((config.patch_size - config.patch_stride) / 2) {}

at::Tensor PatchConvolution::operator()(const at::Tensor& pictures) const {
  return at::conv2d(pictures, weight_, bias_, {stride_, stride_ * columns_}, {padding_, padding_})
      .permute({0, 2, 3, 1});
}

at::Tensor FeatureFusion::Bottleneck::operator()(const at::Tensor& states) const {
  return out(in.activated(states, checkpoint::Activation::kRelu));
}

// Convolutions of one pixel are linear layers; the batch norms behind them go into their weights.
FeatureFusion::Bottleneck FeatureFusion::load(const Weights& weights, int first,
                                              const checkpoint::HtsatConfig& config) {
  const std::int64_t width = config.patch_width;
  const std::int64_t inner = width / config.fusion_reduction;
  const auto layer = [&](int index, std::int64_t out, std::int64_t in) {
    const auto name = [](int number) { return std::to_string(number); };
    const auto convolution = weights.below(name(index));
    const BatchNorm norm(weights.below(name(index + 1)), out);
    const auto weight = convolution.exact("weight", {out, in, 1, 1}).view({out, in});
    return Linear((weight * norm.scale.unsqueeze(1)).to(weights.options()),
                  norm(convolution.exact("bias", {out})).to(weights.options()));
  };
  return {layer(first, inner, width), layer(first + 3, width, inner)};
}

FeatureFusion::FeatureFusion(const Weights& weights, const checkpoint::HtsatConfig& config)
    : local_(load(weights.below("local_att"), 0, config)),
      global_(load(weights.below("global_att"), 1, config)) {}

at::Tensor FeatureFusion::operator()(const at::Tensor& whole, const at::Tensor& parts) const {
  const auto sum = whole + parts;
  const auto share = at::sigmoid(local_(sum) + global_(sum.mean({1, 2}, /*keepdim=*/true)));
  return 2 * whole * share + 2 * parts * (1 - share);
}

SpectrogramPatches::SpectrogramPatches(const Weights& weights,
                                       const checkpoint::HtsatConfig& config)
    : projection_(weights, "proj", config, 1) {
  constexpr double kEps = 1e-5;
  if (config.patch_norm) norm_.emplace(weights, "norm", config.patch_width, kEps);
  if (!config.fusion) return;
  part_projection_.emplace(weights, "mel_conv2d", config, 3);
  fusion_.emplace(weights.below("fusion_model"), config);
}

// The parts stand side by side, each squeezed to a third of its columns.
at::Tensor SpectrogramPatches::look_at_parts(const at::Tensor& parts, std::int64_t columns) const {
  const auto patches = (*part_projection_)(parts.flatten(0, 1).unsqueeze(1));
  const auto side_by_side =
      patches.view({parts.size(0), parts.size(1), patches.size(1), patches.size(2), -1})
          .transpose(1, 2)
          .flatten(2, 3);
  return at::constant_pad_nd(side_by_side, {0, 0, 0, columns - side_by_side.size(2)});
}

at::Tensor SpectrogramPatches::operator()(const at::Tensor& pictures) const {
  auto patches = projection_(pictures.narrow(1, 0, 1));
  const auto part_count = pictures.size(1) - 1;
  if (part_count > 0) {
    const auto parts = pictures.narrow(1, 1, part_count);
    patches = (*fusion_)(patches, look_at_parts(parts, patches.size(2)));
  }
  return norm_ ? (*norm_)(patches) : patches.contiguous();
}

}  // namespace clipclap::model
