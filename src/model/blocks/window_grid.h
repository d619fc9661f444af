// A square grid of states cut into windows, whose states alone look at each other (Liu et al. 2021,
// "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", section 3.2).
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace clipclap::model {

/// Immutable after construction; any number of threads may call it.
class WindowGrid {
 public:
  /// Shifted windows lie half a window further down and right, and wrap around the edges. Where
  /// `window` does not divide `side`, zeros fill the last windows. `device` is where states lie.
  WindowGrid(std::int64_t side, std::int64_t window, bool shifted, at::Device device);

  /// Whether nothing fills windows up.
  bool is_even() const { return side_ % window_ == 0; }
  std::int64_t window_count() const { return windows_a_side_ * windows_a_side_; }
  std::int64_t states_a_window() const { return window_ * window_; }
  /// Where the states of each window stand in the grid, row by row; what fills up stands at side².
  /// [windows · window²], of type long.
  const at::Tensor& places() const { return places_; }

  /// [batch, side², width] → [batch · windows, window², width].
  at::Tensor cut(const at::Tensor& states) const;
  /// The way back.
  at::Tensor join(const at::Tensor& windows) const;

  /// What is added to attention's scores, [windows, 1, window², window²]: -100 between states that
  /// only wrapping made neighbours, as the reference has it. Undefined where nothing wraps.
  at::Tensor wrapping_bias() const;

 private:
  std::int64_t side_;
  std::int64_t window_;
  std::int64_t shift_;
  std::int64_t windows_a_side_;
  at::Tensor places_;
  at::Tensor found_at_;  ///< where among places_ each state of the grid is, [side²]
};

}  // namespace clipclap::model
