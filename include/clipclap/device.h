// What a model can compute on.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <clipclap/export.h>

namespace clipclap {

struct DeviceInfo {
  std::string name;                       ///< as ModelOptions::device takes it, e.g. "cuda:0"
  std::vector<std::string> precisions{};  ///< that it computes at its own speed, e.g. "fp32"
  std::size_t threads = 0;                ///< of a processor
  std::size_t free_bytes = 0;             ///< of its own memory; 0 where that is not told
  std::size_t total_bytes = 0;
};

/// What LibTorch sees on this machine, the processor first. Any thread may call it.
CLIPCLAP_API std::vector<DeviceInfo> list_devices();

}  // namespace clipclap
