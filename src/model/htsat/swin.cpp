#include "model/htsat/swin.h"

#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/roll.h>
#include <ATen/ops/zeros.h>

namespace clipclap::model {
namespace {

at::Tensor run(const SwinLayer& swin, const WindowGrid& grid, const at::Tensor& states) {
  const auto& [attention_norm, attention, mlp_norm, mlp] = swin.layer;
  const auto windows = grid.cut(states);
  // Zeros that fill a window up are no states, and are not normalised.
  const auto normed = grid.is_even() ? attention_norm(windows) : grid.cut(attention_norm(states));
  const auto attended = attention.add_to(windows, normed, Readout::kAllTokens, swin.position_bias);
  return grid.join(mlp.add_to(attended, mlp_norm(attended)));
}

}  // namespace

WindowGrid::WindowGrid(std::int64_t side, std::int64_t window, bool shifted)
    : side_(side),
      window_(window),
      shift_(shifted && window < side ? window / 2 : 0),
      windows_a_side_((side + window - 1) / window) {}

at::Tensor WindowGrid::cut(const at::Tensor& states) const {
  const auto padding = windows_a_side_ * window_ - side_;
  auto grid = padding == 0 ? states : at::constant_pad_nd(states, {0, 0, 0, padding, 0, padding});
  if (shift_ != 0) grid = at::roll(grid, {-shift_, -shift_}, {1, 2});
  return grid.reshape({-1, windows_a_side_, window_, windows_a_side_, window_, grid.size(3)})
      .transpose(2, 3)
      .reshape({-1, window_ * window_, grid.size(3)});
}

at::Tensor WindowGrid::join(const at::Tensor& windows) const {
  const auto padded_side = windows_a_side_ * window_;
  auto grid =
      windows.reshape({-1, windows_a_side_, windows_a_side_, window_, window_, windows.size(2)})
          .transpose(2, 3)
          .reshape({-1, padded_side, padded_side, windows.size(2)});
  if (shift_ != 0) grid = at::roll(grid, {shift_, shift_}, {1, 2});
  return grid.narrow(1, 0, side_).narrow(2, 0, side_).contiguous();
}

at::Tensor WindowGrid::wrapping_bias() const {
  constexpr double kApart = -100;
  if (shift_ == 0) return {};
  // Along either edge: windows that do not wrap, then the two parts of the one that does.
  const auto padded_side = windows_a_side_ * window_;
  auto part = at::zeros({padded_side}, at::kLong);
  part.narrow(0, padded_side - window_, window_).fill_(1);
  part.narrow(0, padded_side - shift_, shift_).fill_(2);
  const auto region = (part.unsqueeze(1) * 3 + part)
                          .view({windows_a_side_, window_, windows_a_side_, window_})
                          .transpose(1, 2)
                          .reshape({-1, window_ * window_});
  const auto apart = region.unsqueeze(1).ne(region.unsqueeze(2));
  return at::zeros(apart.sizes(), at::kFloat).masked_fill(apart, kApart).unsqueeze(1);
}

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
      straight_(side, window, false),
      shifted_(side, window, true),
      merging_(std::move(merging)) {
  const auto wrapping = shifted_.wrapping_bias();
  for (std::size_t i = 1; wrapping.defined() && i < layers_.size(); i += 2) {
    auto& bias = layers_[i].position_bias;
    bias = bias + wrapping.to(bias.options());
  }
}

at::Tensor SwinStage::operator()(at::Tensor states) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    states = run(layers_[i], i % 2 == 0 ? straight_ : shifted_, states);
  }
  return merging_ ? (*merging_)(states) : states;
}

}  // namespace clipclap::model
