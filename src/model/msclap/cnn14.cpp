#include "model/msclap/cnn14.h"

#include <string>

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/conv2d.h>

namespace clipclap::model {
namespace {

constexpr std::int64_t kChannels[] = {1, 64, 128, 256, 512, 1024, 2048};
constexpr std::size_t kBlocks = std::size(kChannels) - 1;

}  // namespace

Cnn14::Convolution Cnn14::load(const Weights& block, int number, std::int64_t in,
                               std::int64_t out) {
  const auto suffix = std::to_string(number);
  const BatchNorm norm(block.below("bn" + suffix), out);
  const auto weight = block.below("conv" + suffix).exact("weight", {out, in, 3, 3});
  return {(weight * norm.scale.view({-1, 1, 1, 1})).to(block.options()),
          norm.shift.to(block.options())};
}

Cnn14::Cnn14(const Weights& weights, std::int64_t mel_count, std::int64_t width)
    : options_(weights.options()),
      batch_norm_(weights.below("bn0"), mel_count),
      projection_(weights.tensor("fc1.weight", {width, kChannels[kBlocks]}),
                  weights.tensor("fc1.bias", {width})) {
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const auto block = weights.below("conv_block" + std::to_string(i + 1));
    convolutions_.push_back(load(block, 1, kChannels[i], kChannels[i + 1]));
    convolutions_.push_back(load(block, 2, kChannels[i + 1], kChannels[i + 1]));
  }
}

at::Tensor Cnn14::operator()(const at::Tensor& log_mel) const {
  auto states = batch_norm_(log_mel).to(options_);
  for (std::size_t i = 0; i < convolutions_.size(); ++i) {
    const auto& [weight, bias] = convolutions_[i];
    states = at::conv2d(states, weight, bias, /*stride=*/1, /*padding=*/1).relu_();
    const bool ends_block = i % 2 == 1;
    const bool is_last = i + 1 == convolutions_.size();
    if (ends_block && !is_last) states = at::avg_pool2d(states, {2, 2});
  }
  const auto over_time = states.mean(3);  // [batch, channels, frames]
  return projection_.activated(over_time.amax(2) + over_time.mean(2),
                               checkpoint::Activation::kRelu);
}

}  // namespace clipclap::model
