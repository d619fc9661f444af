#include "model/blocks/window_grid.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/argsort.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/roll.h>
#include <ATen/ops/zeros.h>

namespace clipclap::model {

WindowGrid::WindowGrid(std::int64_t side, std::int64_t window, bool shifted, at::Device device)
    : side_(side),
      window_(window),
      shift_(shifted && window < side ? window / 2 : 0),
      windows_a_side_((side + window - 1) / window) {
  const auto filler = side * side;
  const auto padding = windows_a_side_ * window - side;
  auto grid = at::arange(side * side, at::kLong).view({side, side});
  grid = at::constant_pad_nd(grid, {0, padding, 0, padding}, filler);
  grid = at::roll(grid, {-shift_, -shift_}, {0, 1});
  const auto places =
      grid.view({windows_a_side_, window, windows_a_side_, window}).transpose(1, 2).reshape(-1);
  places_ = places.to(device);
  found_at_ = at::argsort(places).narrow(0, 0, side * side).to(device);
}

at::Tensor WindowGrid::cut(const at::Tensor& states) const {
  const auto filled = is_even() ? states : at::constant_pad_nd(states, {0, 0, 0, 1});
  return at::index_select(filled, 1, places_).view({-1, states_a_window(), states.size(2)});
}

at::Tensor WindowGrid::join(const at::Tensor& windows) const {
  const auto states = windows.reshape({-1, places_.size(0), windows.size(2)});
  return at::index_select(states, 1, found_at_);
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

}  // namespace clipclap::model
