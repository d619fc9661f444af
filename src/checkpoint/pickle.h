// Python's pickle, as far as a state dict needs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/safetensors.h"

namespace clipclap::checkpoint {

/// A tensor that a pickle describes. Its elements lie in another entry of the archive.
struct PickledTensor {
  DataType type = DataType::kFloat32;
  std::string_view storage;         ///< the entry's name, "0"
  std::uint64_t storage_count = 0;  ///< elements that the entry holds
  std::uint64_t offset = 0;         ///< of the first element, in elements
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  ///< in elements
};

/// A value in a pickle. Containers and tensors are kept by the document, so that a value may stand
/// in many places.
struct PickledValue {
  enum class Kind { kOther, kInteger, kText, kTuple, kList, kDict, kTensor, kStorage, kGlobal };
  Kind kind = Kind::kOther;
  std::int64_t integer = 0;  ///< kInteger
  std::string_view text{};   ///< kText
  /// kTuple, kList, kDict: in `containers`; kTensor, kStorage: in `tensors`.
  std::size_t index = 0;
};

/// What a pickle builds. Views the pickle.
struct PickledDocument {
  PickledValue root;
  /// Of a dict, keys and values in turn.
  std::vector<std::vector<PickledValue>> containers;
  std::vector<PickledTensor> tensors;
};

/// Interprets a pickle of protocol 2, which is what torch.save writes (CPython,
/// Lib/pickletools.py). The only callables that are known are those that make an OrderedDict, a
/// tensor and a parameter, and what they make is made here: nothing is looked up or executed. Time
/// and memory are linear in the pickle. Throws Error: kUnsupported for any other callable or
/// opcode, kInvalidData for what is broken.
PickledDocument read_pickle(std::span<const std::byte> bytes, const std::string& origin);

}  // namespace clipclap::checkpoint
