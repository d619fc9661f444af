// The safetensors format (github.com/huggingface/safetensors, README "Format"), viewed in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint_files.h"

namespace clipclap::checkpoint {

enum class DataType { kFloat64, kFloat32, kFloat16, kBfloat16, kInt64, kInt32, kInt16, kInt8, kUint8, kBool };

std::string_view to_string(DataType type);  ///< as the format spells it: "F32", "BF16" …
std::size_t size_in_bytes(DataType type);

/// A tensor inside a mapped file: row-major, little-endian, not necessarily aligned.
struct TensorView {
  DataType type = DataType::kFloat32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> data;
  std::string file;  ///< for messages
};

/// Checks and indexes one file. Throws Error (kInvalidData) that names `origin`, the tensor and the
/// place: a header length beyond the file, a header that is not JSON, an unknown dtype, offsets that
/// overlap, leave holes, overflow, or disagree with the shape.
std::map<std::string, TensorView, std::less<>> parse_safetensors(std::span<const std::byte> bytes,
                                                                 const std::string& origin);

/// The tensors of a checkpoint: `model.safetensors`, or the shards that
/// `model.safetensors.index.json` names. Keeps the files mapped as long as it lives.
class TensorMap {
 public:
  /// Throws Error: kNotFound where neither is there (and, where a pytorch_model.bin is, says how to
  /// convert it); kInvalidData where a shard lacks a tensor that the index promises.
  explicit TensorMap(const CheckpointFiles& files);

  const TensorView* find(std::string_view name) const;

  /// The tensor of this name and shape. Throws Error (kInvalidData): missing (named), or misshaped
  /// (named, with both shapes). Marks it as used.
  const TensorView& require(std::string_view name, std::span<const std::int64_t> shape);

  /// Names that nobody asked for, sorted; known buffers (`*.position_ids`) are left out.
  std::vector<std::string> unused() const;

  std::size_t parameter_count() const;
  /// The type that most parameters have.
  DataType main_type() const;

 private:
  CheckpointFiles files_;
  std::map<std::string, TensorView, std::less<>> tensors_;
  std::map<std::string, bool, std::less<>> used_;
};

}  // namespace clipclap::checkpoint
