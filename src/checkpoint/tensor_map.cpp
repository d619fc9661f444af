#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/json.h"
#include "checkpoint/quote.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/state_dict.h"
#include "checkpoint/weights_index.h"

namespace clipclap::checkpoint {
namespace {

std::string index_of(std::string_view name) { return std::string(name) + ".index.json"; }

std::string_view last_part(std::string_view name) {
  return name.substr(name.find_last_of('.') + 1);  // npos + 1 is 0
}

template <std::size_t count>
bool is_one_of(std::string_view part, const std::string_view (&parts)[count]) {
  return std::find(std::begin(parts), std::end(parts), part) != std::end(parts);
}

// Written into many checkpoints; every library computes them anew, or has no use for them.
bool is_known_buffer(std::string_view name) {
  constexpr std::string_view kBuffers[] = {"position_ids", "token_type_ids",
                                           "relative_position_index", "num_batches_tracked",
                                           "attn_mask"};
  return is_one_of(last_part(name), kBuffers);
}

// What batch norms measured is needed, but nothing that was learned.
bool is_parameter(std::string_view name) {
  constexpr std::string_view kStatistics[] = {"running_mean", "running_var"};
  return !is_known_buffer(name) && !is_one_of(last_part(name), kStatistics);
}

[[noreturn]] void refuse(const std::string& origin, const std::string& message) {
  throw Error(ErrorCode::kInvalidData, message, origin);
}

std::string describe_shape(std::span<const std::int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

// Whether it or the index of its shards is there.
bool is_there(const CheckpointFiles& files, std::string_view name) {
  return files.contains(name) || files.contains(index_of(name));
}

TensorViews parse_weights(const CheckpointFiles& files, const std::string& file) {
  const auto parse = file.ends_with(".safetensors") ? parse_safetensors : parse_state_dict;
  return parse(files.bytes(file), files.describe(file));
}

}  // namespace

bool has_weights(const CheckpointFiles& files, WeightsNames names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return is_there(files, name); });
}

TensorMap::TensorMap(const CheckpointFiles& files, WeightsNames names) : files_(files) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](std::string_view name) { return is_there(files_, name); });
  // Where there is none, its bytes are asked for all the same: the error says what is there
  // instead.
  const std::string name(found == names.end() ? names.front() : *found);
  if (files_.contains(name) || found == names.end()) {
    add_file(name);
  } else {
    read_index(index_of(name));
  }
}

void TensorMap::add_file(const std::string& file) {
  for (auto& [name, view] : parse_weights(files_, file)) {
    const auto [entry, is_new] = tensors_.try_emplace(name, Entry{std::move(view)});
    if (!is_new) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("tensor {} is in {} too", quote(name), entry->second.view.file),
                  files_.describe(file));
    }
  }
}

void TensorMap::read_index(const std::string& file) {
  const auto origin = files_.describe(file);
  const auto index = parse_json(files_.text(file), origin);
  for (const auto& shard : shards_of(index, origin)) {
    if (!files_.contains(shard)) {
      refuse(origin, fmt::format("names the file {}, which is not there; fetch it", quote(shard)));
    }
    add_file(shard);
  }
  for (const auto& [tensor, shard] : index["weight_map"].items()) {
    const auto* found = find(tensor);
    const auto file = files_.describe(shard.get_ref<const std::string&>());
    if (found == nullptr || found->file != file) {
      refuse(origin, fmt::format("tensor {} is not in {}, where the index says it is",
                                 quote(tensor), file));
    }
  }
}

const TensorView* TensorMap::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second.view;
}

const TensorView& TensorMap::require(std::string_view name, std::span<const std::int64_t> shape) {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("tensor {} of shape {} is missing among the {} tensors; do weights and "
                            "config belong together?",
                            quote(name), describe_shape(shape), tensors_.size()),
                files_.main_file().empty() ? files_.name() : files_.describe(files_.main_file()));
  }
  auto& entry = found->second;
  const auto& view = entry.view;
  if (!std::equal(view.shape.begin(), view.shape.end(), shape.begin(), shape.end())) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("tensor {} has shape {}, but the config asks for {}", quote(name),
                            describe_shape(view.shape), describe_shape(shape)),
                view.file);
  }
  entry.used = true;
  files_.let_go();  // what the tensors before it were packed from
  return view;
}

void TensorMap::leave_out(std::string_view name) {
  for (auto entry = tensors_.lower_bound(name); entry != tensors_.end(); ++entry) {
    const std::string_view found = entry->first;
    if (!found.starts_with(name)) break;
    if (found.size() == name.size() || found[name.size()] == '.') entry->second.left_out = true;
  }
}

std::vector<std::string> TensorMap::unused() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : tensors_) {
    if (!entry.used && !entry.left_out && !is_known_buffer(name)) names.push_back(name);
  }
  return names;
}

std::size_t TensorMap::parameter_count() const {
  std::size_t count = 0;
  for (const auto& [name, entry] : tensors_) {
    if (is_parameter(name) && !entry.left_out) count += entry.view.element_count();
  }
  return count;
}

DataType TensorMap::main_type() const {
  std::map<DataType, std::size_t> counts;
  for (const auto& [name, entry] : tensors_) {
    if (!is_known_buffer(name)) counts[entry.view.type] += entry.view.element_count();
  }
  const auto most = std::max_element(
      counts.begin(), counts.end(),
      [](const auto& left, const auto& right) { return left.second < right.second; });
  return most == counts.end() ? DataType::kFloat32 : most->first;
}

}  // namespace clipclap::checkpoint
