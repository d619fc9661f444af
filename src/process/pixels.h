// Pixels of 8 bits to what models take, and back.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/picture.h>

namespace clipclap::process {

/// [channels, height, width] float32 in 0 … 1. For one channel RGB becomes luma of BT.601, as
/// Pillow's "L".
at::Tensor to_planes(const Picture& picture, std::int64_t channels);

/// Packed rows of a [channels, height, width] float32; what is outside of 0 … 1 is cut to it.
std::vector<std::uint8_t> to_bytes(const at::Tensor& planes);

}  // namespace clipclap::process
