#include "model/htsat/swin.h"

#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>

namespace clipclap::model {
namespace {

at::Tensor run(const SwinLayer& swin, const WindowGrid& grid, const at::Tensor& states) {
  const auto& [attention_norm, attention, mlp_norm, mlp] = swin.layer;
  const auto attended =
      attention.add_in_windows(states, attention_norm(states), grid, swin.position_bias);
  return mlp.add_to(attended, mlp_norm(attended));
}

}  // namespace

at::Tensor relative_position_bias(const at::Tensor& table, std::int64_t window) {
  const auto places = at::arange(window, at::kLong);
  const auto row = places.repeat_interleave(window);  // of each state in a window
  const auto column = places.repeat({window});
  const auto offset = [&](const at::Tensor& place) {
    return place.unsqueeze(1) - place.unsqueeze(0) + (window - 1);
  };
  const auto index = offset(row) * (2 * window - 1) + offset(column);
  return table.index({index.to(table.device())}).permute({2, 0, 1}).unsqueeze(0).contiguous();
}

at::Tensor PatchMerging::operator()(const at::Tensor& states) const {
  // Neighbours stand in the order up left, down left, up right, down right.
  const auto side = states.size(1) / 2;
  const auto width = states.size(3);
  const auto neighbours = states.reshape({-1, side, 2, side, 2, width})
                              .permute({0, 1, 3, 4, 2, 5})
                              .reshape({-1, side, side, 4 * width});
  return reduction(norm(neighbours));
}

SwinStage::SwinStage(std::vector<SwinLayer> layers, std::int64_t side, std::int64_t window,
                     std::optional<PatchMerging> merging)
    : layers_(std::move(layers)),
      straight_(side, window, false, layers_.front().position_bias.device()),
      shifted_(side, window, true, layers_.front().position_bias.device()),
      merging_(std::move(merging)) {
  const auto wrapping = shifted_.wrapping_bias();
  for (std::size_t i = 1; wrapping.defined() && i < layers_.size(); i += 2) {
    auto& bias = layers_[i].position_bias;
    bias = bias + wrapping.to(bias.options());
  }
}

at::Tensor SwinStage::operator()(const at::Tensor& states) const {
  auto rows = states.flatten(1, 2);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    rows = run(layers_[i], i % 2 == 0 ? straight_ : shifted_, rows);
  }
  const auto grid = rows.view(states.sizes());
  return merging_ ? (*merging_)(grid) : grid;
}

}  // namespace clipclap::model
