// The JSON header of a safetensors file, before its offsets are checked against the data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/safetensors.h"

namespace clipclap::checkpoint {

struct HeaderTensor {
  std::string name;
  DataType type = DataType::kFloat32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  ///< in bytes from the end of the header
  std::uint64_t end = 0;
};

/// Reads the tensors in the header's order, without building a tree of it. Throws Error
/// (kInvalidData) with the tensor and field that are wrong.
std::vector<HeaderTensor> read_safetensors_header(std::string_view header,
                                                  const std::string& origin);

}  // namespace clipclap::checkpoint
