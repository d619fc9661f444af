// The safetensors format (github.com/huggingface/safetensors, README "Format"), viewed in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint_files.h"

namespace clipclap::checkpoint {

/// Every element type that the format knows (safetensors/src/tensor.rs, Dtype). That a file with
/// such a tensor is read does not mean that a tower can use it.
enum class DataType {
  kBool,
  kFloat4,
  kFloat6E2M3,
  kFloat6E3M2,
  kUint8,
  kInt8,
  kFloat8E5M2,
  kFloat8E4M3,
  kFloat8E8M0,
  kFloat8E4M3Fnuz,
  kFloat8E5M2Fnuz,
  kInt16,
  kUint16,
  kFloat16,
  kBfloat16,
  kInt32,
  kUint32,
  kFloat32,
  kComplex64,
  kFloat64,
  kInt64,
  kUint64,
};

std::string_view to_string(DataType type);  ///< as the format spells it: "F32", "BF16" …
std::optional<DataType> parse_data_type(std::string_view name);
/// Of one element. The 4- and 6-bit floats are packed.
std::size_t size_in_bits(DataType type);

/// A tensor inside a mapped file: row-major, little-endian, not necessarily aligned.
struct TensorView {
  DataType type = DataType::kFloat32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> data;
  std::string file;  ///< for messages
  /// What holds the data where the file does not hold it in this order.
  std::shared_ptr<const std::vector<std::byte>> copy{};

  std::size_t element_count() const;
};

using TensorViews = std::map<std::string, TensorView, std::less<>>;

/// Checks and indexes one file, in time and memory linear in the header. Throws Error
/// (kInvalidData) that names `origin`, the tensor and the place: a header length beyond the file, a
/// header that is not what the format says, an unknown dtype, offsets that overlap, leave holes,
/// overflow, or disagree with the shape, bytes that belong to no tensor, a name that stands twice.
TensorViews parse_safetensors(std::span<const std::byte> bytes, const std::string& origin);

/// The names that a packaging gives its weights, the preferred one first: NAME.safetensors, which
/// stands for NAME.safetensors.index.json and its shards too, or another, which is what torch.save
/// wrote (state_dict.h).
using WeightsNames = std::span<const std::string_view>;

inline constexpr std::string_view kHuggingFaceWeights[] = {"model.safetensors",
                                                           "pytorch_model.bin"};
/// In open_clip's own order (factory.py, _find_checkpoint_in_dir).
inline constexpr std::string_view kOpenClipWeights[] = {
    "open_clip_model.safetensors", "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin", "model.safetensors"};

/// Whether one of the names is there that TensorMap reads.
bool has_weights(const CheckpointFiles& files, WeightsNames names);

/// The tensors of a checkpoint's file, or of the shards that its index names (where both are there,
/// the single file counts, as in transformers). Keeps the files mapped as long as
/// it lives. Loading a model is one thread's work: `require` is not thread-safe.
class TensorMap {
 public:
  /// Takes the first of `names` that is there. Throws Error: kNotFound where none is; what
  /// parse_safetensors and parse_state_dict throw; kInvalidData where a shard lacks a tensor that
  /// the index promises, lies outside the folder, or two shards hold the same tensor.
  explicit TensorMap(const CheckpointFiles& files, WeightsNames names = kHuggingFaceWeights);

  /// Nothing where there is no such tensor. Does not mark it as used.
  const TensorView* find(std::string_view name) const;

  /// The tensor of this name and shape. Throws Error (kInvalidData): missing (named), or misshaped
  /// (named, with both shapes). Marks it as used.
  const TensorView& require(std::string_view name, std::span<const std::int64_t> shape);

  /// Marks a tensor, and all whose names begin with "name.", as of no use to the model.
  void leave_out(std::string_view name);

  /// Names that nobody required, sorted; buffers that every library recomputes (`position_ids`) are
  /// left out.
  std::vector<std::string> unused() const;

  /// Elements of all tensors but those buffers, running statistics and what is left out.
  std::size_t parameter_count() const;
  /// The type that most parameters have.
  DataType main_type() const;

 private:
  struct Entry {
    TensorView view;
    bool used = false;
    bool left_out = false;
  };
  void add_file(const std::string& file);
  void read_index(const std::string& file);

  CheckpointFiles files_;
  std::map<std::string, Entry, std::less<>> tensors_;
};

}  // namespace clipclap::checkpoint
