#include "checkpoint/htsat_config.h"

#include <numeric>

#include <fmt/format.h>

#include "checkpoint/towers_config.h"

namespace clipclap::checkpoint {
namespace {

constexpr std::size_t kMaximumStages = 8;
constexpr int kMaximumWindow = 64;
constexpr int kMaximumPatchWidth = 1 << 12;

std::vector<int> read_list(const JsonFields& fields, std::string_view key,
                           const std::vector<int>& fallback, int smallest, int largest) {
  const auto* value = fields.find(key);
  if (value == nullptr) return fallback;
  if (!value->is_array() || value->empty() || value->size() > kMaximumStages) {
    fields.refuse(
        key, fmt::format("must be a list of 1 to {} numbers, one for each stage", kMaximumStages));
  }
  std::vector<int> list;
  for (const auto& item : *value) list.push_back(fields.as_integer(key, item, smallest, largest));
  return list;
}

void read_picture(HtsatConfig& config, const JsonFields& fields) {
  config.mel_count = fields.integer("num_mel_bins", config.mel_count, 1, kMaximumImageSize);
  config.spec_size = fields.integer("spec_size", config.spec_size, 1, kMaximumImageSize);
  if (config.spec_size % config.mel_count != 0) {
    fields.refuse("spec_size", fmt::format("is {}, which is no multiple of the {} mel bands "
                                           "(num_mel_bins): no picture can be folded from them",
                                           config.spec_size, config.mel_count));
  }
  if (fields.integer("patch_embed_input_channels", 1, 1, kMaximumWidth) != 1) {
    fields.refuse("patch_embed_input_channels",
                  "is not 1; only spectrograms of one channel are "
                  "known",
                  ErrorCode::kUnsupported);
  }
  if (!fields.boolean("flatten_patch_embeds", true)) {
    fields.refuse("flatten_patch_embeds", "is off; the layers take patches in a row",
                  ErrorCode::kUnsupported);
  }
  config.patch_size = read_side(fields, "patch_size", config.patch_size);
  config.patch_stride = read_side(fields, "patch_stride", config.patch_stride);
  const int overlap = config.patch_size - config.patch_stride;
  if (overlap < 0 || overlap % 2 != 0) {
    fields.refuse("patch_stride", fmt::format("is {}, but must be below patch_size, {}, by an even "
                                              "number, or equal to it",
                                              config.patch_stride, config.patch_size));
  }
  config.patch_norm = fields.boolean("enable_patch_layer_norm", config.patch_norm);
}

void read_fusion(HtsatConfig& config, const JsonFields& fields) {
  config.fusion = fields.boolean("enable_fusion", config.fusion);
  config.fusion_reduction =
      fields.integer("aff_block_r", config.fusion_reduction, 1, kMaximumWidth);
  if (!config.fusion) return;
  const auto* type = fields.find_given("fusion_type");
  if (type != nullptr && *type == "channel_map") {
    fields.refuse("fusion_type", "is \"channel_map\"; only attention feature fusion is known",
                  ErrorCode::kUnsupported);
  }
  if (config.patch_width < config.fusion_reduction) {
    fields.refuse("aff_block_r", fmt::format("is {}, which leaves nothing of {} channels",
                                             config.fusion_reduction, config.patch_width));
  }
}

void check_stages(const HtsatConfig& config, const JsonFields& fields) {
  if (config.head_counts.size() < config.stage_count()) {
    fields.refuse("num_attention_heads",
                  fmt::format("has {} numbers for {} stages (depths)", config.head_counts.size(),
                              config.stage_count()));
  }
  const int grid = config.grid(0);
  if (grid % (1 << (config.stage_count() - 1)) != 0) {
    fields.refuse("depths", fmt::format("has {} stages, but a grid of {} patches a side (spec_size "
                                        "/ patch_stride) does not halve as often",
                                        config.stage_count(), grid));
  }
  for (std::size_t i = 0; i < config.stage_count(); ++i) {
    if (config.grid(i) < config.window_size) {
      fields.refuse("window_size", fmt::format("is {}, but stage {} has only {} patches a side",
                                               config.window_size, i, config.grid(i)));
    }
    if (config.width(i) % config.head_counts[i] != 0) {
      fields.refuse("num_attention_heads", fmt::format("gives stage {} {} heads, which do not "
                                                       "divide its width, {}",
                                                       i, config.head_counts[i], config.width(i)));
    }
  }
}

}  // namespace

int HtsatConfig::layer_count() const { return std::accumulate(depths.begin(), depths.end(), 0); }

HtsatConfig read_htsat(const JsonFields& fields) {
  HtsatConfig config;
  read_picture(config, fields);
  config.patch_width =
      fields.integer("patch_embeds_hidden_size", config.patch_width, 1, kMaximumPatchWidth);
  config.window_size = fields.integer("window_size", config.window_size, 1, kMaximumWindow);
  config.depths = read_list(fields, "depths", config.depths, 0, kMaximumLayers);
  config.head_counts =
      read_list(fields, "num_attention_heads", config.head_counts, 1, kMaximumWidth);
  config.mlp_ratio = fields.number("mlp_ratio", config.mlp_ratio);
  if (!(config.mlp_ratio * config.patch_width >= 1 && config.mlp_ratio <= 64)) {
    fields.refuse("mlp_ratio", "must make layers wider than nothing, and at most 64 times as wide");
  }
  config.activation = parse_activation(fields.string("hidden_act", to_string(config.activation)),
                                       fields.place("hidden_act"));
  config.layer_norm_eps = fields.number("layer_norm_eps", config.layer_norm_eps);
  if (config.layer_norm_eps < 0) fields.refuse("layer_norm_eps", "must not be negative");
  config.qkv_bias = fields.boolean("qkv_bias", config.qkv_bias);
  read_fusion(config, fields);
  check_stages(config, fields);
  const int hidden_size = fields.integer("hidden_size", 768, 1, kMaximumWidth);
  if (hidden_size != config.output_width()) {
    fields.refuse("hidden_size", fmt::format("is {}, but the last of {} stages is {} wide "
                                             "(patch_embeds_hidden_size, {}, doubled by each)",
                                             hidden_size, config.stage_count(),
                                             config.output_width(), config.patch_width));
  }
  return config;
}

}  // namespace clipclap::checkpoint
