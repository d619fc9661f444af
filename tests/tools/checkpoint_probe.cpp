// Prints what clipclap reads from checkpoint files, as one line of JSON for each argument, so that
// the tests can hold it against the Python reference:
//   checkpoint_probe safetensors FILE…      tensors with their bytes in hexadecimal
//   checkpoint_probe tensors FOLDER…        the same of a checkpoint, its shards put together
//   checkpoint_probe clip_config FILE…
//   checkpoint_probe open_clip_config FILE…
//   checkpoint_probe preprocessing SIZE FOLDER…
//   checkpoint_probe open_clip_preprocessing SIZE FILE…
//   checkpoint_probe open MODEL…            the folder that a model's name stands for
//   checkpoint_probe hub_cache
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/clip_config.h"
#include "checkpoint/hub_cache.h"
#include "checkpoint/open_clip_config.h"
#include "checkpoint/open_clip_preprocessing.h"
#include "checkpoint/preprocessing_config.h"
#include "checkpoint/safetensors.h"
#include "json_answers.h"

namespace clipclap::checkpoint {
namespace {

Json to_json(const TensorView& view) {
  std::string bytes;
  for (const auto byte : view.data) bytes += fmt::format("{:02x}", std::to_integer<int>(byte));
  return {{"dtype", to_string(view.type)}, {"shape", view.shape}, {"data", bytes}};
}

Json read_file_tensors(const std::string& path) {
  const MappedFile file(path);
  auto result = Json::object();
  for (const auto& [name, view] : parse_safetensors(file.bytes(), path)) {
    result[name] = to_json(view);
  }
  return result;
}

Json read_checkpoint_tensors(const std::string& folder) {
  const TensorMap tensors(CheckpointFiles::open(folder));
  auto result = Json::object();
  for (const auto& name : tensors.unused()) result[name] = to_json(*tensors.find(name));
  return {{"tensors", result},
          {"parameters", tensors.parameter_count()},
          {"type", to_string(tensors.main_type())}};
}

Json to_json(const TransformerConfig& config) {
  return {
      {"hidden_size", config.hidden_size},          {"intermediate_size", config.intermediate_size},
      {"num_hidden_layers", config.layer_count},    {"num_attention_heads", config.head_count},
      {"hidden_act", to_string(config.activation)}, {"layer_norm_eps", config.layer_norm_eps}};
}

Json read_clip_config(const std::string& path) {
  const auto config = parse_clip_config(parse_json(read_file(path), path), path);
  auto vision = to_json(config.vision.transformer);
  vision["image_size"] = config.vision.image_size;
  vision["patch_size"] = config.vision.patch_size;
  auto text = to_json(config.text.transformer);
  text["vocab_size"] = config.text.vocabulary_size;
  text["max_position_embeddings"] = config.text.position_count;
  text["eos_token_id"] = config.text.eos_token_id;
  return {
      {"vision_config", vision}, {"text_config", text}, {"projection_dim", config.projection_dim}};
}

std::string_view to_string(PicturePool pool) {
  switch (pool) {
    case PicturePool::kClassToken:
      return "tok";
    case PicturePool::kMean:
      return "avg";
    case PicturePool::kAttention:
      return "map";
  }
  return "unknown";
}

std::string_view to_string(TextPool pool) {
  switch (pool) {
    case TextPool::kFirst:
      return "first";
    case TextPool::kLast:
      return "last";
    case TextPool::kLargestId:
      return "argmax";
    case TextPool::kEndToken:
      return "eos";
  }
  return "unknown";
}

Json read_open_clip_config(const std::string& path) {
  const auto config = parse_open_clip_config(parse_json(read_file(path), path), path);
  auto vision = to_json(config.vision.transformer);
  vision["image_size"] = config.vision.image_size;
  vision["patch_size"] = config.vision.patch_size;
  vision["layer_scale"] = config.vision.transformer.layer_scale;
  vision["norm_bias"] = config.vision.transformer.norm_bias;
  vision["is_timm"] = config.vision.is_timm;
  vision["class_token"] = config.vision.class_token;
  vision["pre_norm"] = config.vision.pre_norm;
  vision["patch_bias"] = config.vision.patch_bias;
  vision["pool"] = to_string(config.vision.pool);
  vision["norm_after_pool"] = config.vision.norm_after_pool;
  auto text = to_json(config.text.transformer);
  text["vocab_size"] = config.text.vocabulary_size;
  text["context_length"] = config.text.position_count;
  text["layer_scale"] = config.text.transformer.layer_scale;
  text["causal"] = config.text.causal;
  text["pool"] = to_string(config.text.pool);
  text["eos_id"] = config.text.end_id;
  text["hf_tokenizer_name"] = config.text.tokenizer.hub_name;
  return {{"embed_dim", config.embedding_dimension},
          {"has_logit_bias", config.has_logit_bias},
          {"vision", vision},
          {"text", text}};
}

std::string_view to_string(media::Preprocessing::Resize resize) {
  switch (resize) {
    case media::Preprocessing::Resize::kNone:
      return "none";
    case media::Preprocessing::Resize::kShortestEdge:
      return "shortest_edge";
    case media::Preprocessing::Resize::kLongestEdge:
      return "longest_edge";
    case media::Preprocessing::Resize::kSquash:
      return "squash";
    case media::Preprocessing::Resize::kPatchBudget:
      return "patch_budget";
  }
  return "unknown";
}

Json to_json(const media::Preprocessing& read) {
  return {{"resize", to_string(read.resize)},
          {"resize_size", {read.resize_height, read.resize_width}},
          {"filter", static_cast<int>(read.filter)},
          {"center_crop", read.center_crop},
          {"crop_size", {read.crop_height, read.crop_width}},
          {"torchvision", read.centering == media::Preprocessing::Centering::kTorchvision},
          {"fill", read.fill},
          {"rescale", read.rescale},
          {"mean", read.mean},
          {"std", read.std}};
}

Json read_preprocessing(const std::string& folder, int image_size) {
  return to_json(parse_preprocessing(CheckpointFiles::open(folder), image_size));
}

Json read_open_clip_preprocessing(const std::string& path, int image_size) {
  return to_json(
      parse_open_clip_preprocessing(parse_json(read_file(path), path), path, image_size));
}

int run(std::vector<std::string> arguments) {
  if (arguments.empty()) return 2;
  const auto command = arguments.front();
  arguments.erase(arguments.begin());
  if (command == "safetensors") {
    print_answers(arguments, read_file_tensors);
  } else if (command == "tensors") {
    print_answers(arguments, read_checkpoint_tensors);
  } else if (command == "clip_config") {
    print_answers(arguments, read_clip_config);
  } else if (command == "open_clip_config") {
    print_answers(arguments, read_open_clip_config);
  } else if (command.ends_with("preprocessing") && !arguments.empty()) {
    const int image_size = std::stoi(arguments.front());
    arguments.erase(arguments.begin());
    const auto read =
        command == "preprocessing" ? read_preprocessing : read_open_clip_preprocessing;
    print_answers(arguments, [&](const std::string& path) { return read(path, image_size); });
  } else if (command == "open") {
    print_answers(arguments, [](const std::string& model) -> Json {
      return CheckpointFiles::open(model).name();
    });
  } else if (command == "hub_cache") {
    fmt::print("{}\n", hub_cache_folder().string());
  } else {
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace clipclap::checkpoint

int main(int count, char** arguments) {
  try {
    return clipclap::checkpoint::run({arguments + 1, arguments + count});
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  }
}
