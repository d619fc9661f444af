#include "checkpoint/open_clip_config.h"

#include <array>

#include <fmt/format.h>

#include "checkpoint/quote.h"
#include "checkpoint/timm_trunks.h"

namespace clipclap::checkpoint {
namespace {

constexpr auto kModelKeys = std::to_array<std::string_view>(
    {"embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "init_logit_scale", "init_logit_bias",
     "nonscalar_logit_scale", "cast_dtype", "output_dict", "custom_text", "multimodal_cfg"});

constexpr auto kVisionKeys = std::to_array<std::string_view>({"layers",
                                                              "width",
                                                              "head_width",
                                                              "mlp_ratio",
                                                              "patch_size",
                                                              "image_size",
                                                              "ls_init_value",
                                                              "patch_dropout",
                                                              "attentional_pool",
                                                              "attn_pooler_queries",
                                                              "attn_pooler_heads",
                                                              "no_ln_pre",
                                                              "pos_embed_type",
                                                              "final_ln_after_pool",
                                                              "pool_type",
                                                              "output_tokens",
                                                              "act_kwargs",
                                                              "norm_kwargs",
                                                              "block_type",
                                                              "qk_norm",
                                                              "scaled_cosine_attn",
                                                              "scale_heads",
                                                              "scale_attn_inner",
                                                              "scale_attn",
                                                              "scale_fc",
                                                              "timm_model_name",
                                                              "timm_model_pretrained",
                                                              "timm_pool",
                                                              "timm_proj",
                                                              "timm_proj_bias",
                                                              "timm_drop",
                                                              "timm_drop_path"});

constexpr auto kTextKeys =
    std::to_array<std::string_view>({"context_length", "vocab_size",       "hf_tokenizer_name",
                                     "tokenizer_mode", "tokenizer_kwargs", "width",
                                     "heads",          "layers",           "mlp_ratio",
                                     "ls_init_value",  "embed_cls",        "pad_id",
                                     "eos_id",         "no_causal_mask",   "final_ln_after_pool",
                                     "pool_type",      "proj_bias",        "proj_type",
                                     "output_tokens",  "act_kwargs",       "norm_kwargs",
                                     "block_type",     "qk_norm",          "scaled_cosine_attn",
                                     "scale_heads",    "scale_attn_inner", "scale_attn",
                                     "scale_fc",       "hf_model_name",    "hf_model_pretrained",
                                     "hf_proj_type",   "hf_pooler_type"});

// Blocks with these have further tensors (transformer.py, CustomResidualAttentionBlock).
constexpr std::string_view kBlockOptions[] = {
    "qk_norm", "scaled_cosine_attn", "scale_heads", "scale_attn_inner", "scale_attn", "scale_fc"};

[[noreturn]] void refuse_tower(const JsonFields& fields, std::string_view key,
                               const std::string& what) {
  fields.refuse(key,
                fmt::format("{}, which clipclap does not compute itself; a TorchScript export of "
                            "the model works",
                            what),
                ErrorCode::kUnsupported);
}

// A string that open_clip takes for absent where it is null or empty.
std::string optional_string(const JsonFields& fields, std::string_view key) {
  return fields.find_given(key) == nullptr ? std::string() : fields.string(key, "");
}

// A flag that may be null, which counts as off.
bool flag(const JsonFields& fields, std::string_view key) {
  return fields.find_given(key) != nullptr && fields.boolean(key, false);
}

void refuse_if_on(const JsonFields& fields, std::string_view key, std::string_view what) {
  const auto* value = fields.find_given(key);
  if (value == nullptr || (value->is_boolean() && !value->get<bool>())) return;
  fields.refuse(key, fmt::format("is {}; {}", describe_value(*value), what),
                ErrorCode::kUnsupported);
}

Activation read_activation(const JsonFields& fields, bool quick_gelu) {
  const auto options = fields.below("act_kwargs");
  options.allow_only(std::array<std::string_view, 1>{"approximate"});
  const auto* given = options.find("approximate");
  if (quick_gelu && given != nullptr) {
    options.refuse("approximate", "is given, but quick_gelu is on and has no approximation");
  }
  if (quick_gelu) return Activation::kQuickGelu;
  const auto name = options.string("approximate", "none");
  if (name == "none") return Activation::kGelu;
  if (name == "tanh") return Activation::kGeluTanh;
  options.refuse("approximate", fmt::format("is {}; known are none and tanh", quote(name)));
}

void read_norm(TransformerConfig& config, const JsonFields& fields) {
  const auto options = fields.below("norm_kwargs");
  options.allow_only(std::array<std::string_view, 3>{"eps", "bias", "elementwise_affine"});
  config.layer_norm_eps = options.number("eps", 1e-5);
  if (config.layer_norm_eps < 0) options.refuse("eps", "must not be negative");
  config.norm_bias = options.boolean("bias", true);
  if (!options.boolean("elementwise_affine", true)) {
    options.refuse("elementwise_affine", "is off; norms without weights are not known",
                   ErrorCode::kUnsupported);
  }
}

// What the native towers have in common, but for the heads.
TransformerConfig read_layers(const JsonFields& fields, bool quick_gelu, int default_width) {
  TransformerConfig config;
  config.hidden_size = fields.integer("width", default_width, 1, kMaximumWidth);
  config.layer_count = fields.integer("layers", 12, 1, kMaximumLayers);
  const double inner = config.hidden_size * fields.number("mlp_ratio", 4);
  if (!(inner >= 1 && inner <= kMaximumInnerWidth)) {
    fields.refuse("mlp_ratio", fmt::format("makes the perceptron {} wide", inner));
  }
  config.intermediate_size = static_cast<int>(inner);
  config.activation = read_activation(fields, quick_gelu);
  read_norm(config, fields);
  config.layer_scale = fields.find_given("ls_init_value") != nullptr;
  for (const auto option : kBlockOptions) {
    refuse_if_on(fields, option, "that kind of attention block is not known");
  }
  return config;
}

void require_divided(const TransformerConfig& config, const JsonFields& fields,
                     std::string_view key) {
  if (config.head_count >= 1 && config.hidden_size % config.head_count == 0) return;
  fields.refuse(key, fmt::format("cuts a width of {} into {} heads, which do not divide it",
                                 config.hidden_size, config.head_count));
}

PicturePool read_native_pool(const JsonFields& fields) {
  const auto name = fields.string("pool_type", "tok");
  if (name == "tok") return PicturePool::kClassToken;
  if (name == "avg") return PicturePool::kMean;
  fields.refuse("pool_type",
                name == "none" ? "is none, which leaves a picture without a single embedding"
                               : fmt::format("is {}; known are tok and avg", quote(name)),
                ErrorCode::kUnsupported);
}

OpenClipVisionConfig read_native_vision(const JsonFields& fields, bool quick_gelu) {
  const auto* layers = fields.find("layers");
  if (layers != nullptr && layers->is_array()) {
    refuse_tower(fields, "layers", "is a list of four stages, which makes the tower a ResNet");
  }
  OpenClipVisionConfig config;
  config.transformer = read_layers(fields, quick_gelu, 768);
  const int head_width = fields.integer("head_width", 64, 1, kMaximumWidth);
  config.transformer.head_count = config.transformer.hidden_size / head_width;
  require_divided(config.transformer, fields, "head_width");
  config.image_size = read_side(fields, "image_size", 224);
  config.patch_size = read_side(fields, "patch_size", 16);
  require_patches(config, fields);
  config.pre_norm = !flag(fields, "no_ln_pre");
  config.pool = read_native_pool(fields);
  config.norm_after_pool = flag(fields, "final_ln_after_pool");
  refuse_if_on(fields, "attentional_pool", "that pooling (CoCa's) is not known");
  // The positions lie among the weights, whatever they were made from.
  const auto positions = fields.string("pos_embed_type", "learnable");
  if (positions != "learnable" && positions != "sin_cos_2d") {
    fields.refuse("pos_embed_type",
                  fmt::format("is {}; known are learnable and sin_cos_2d", quote(positions)),
                  ErrorCode::kUnsupported);
  }
  return config;
}

Projection read_timm_projection(const JsonFields& fields) {
  const auto* given = fields.find("timm_proj");
  const auto name =
      given != nullptr && given->is_null() ? "" : fields.string("timm_proj", "linear");
  if (name.empty()) return Projection::kTimmClassifier;
  if (name == "none") return Projection::kNone;
  if (name == "linear") {
    return flag(fields, "timm_proj_bias") ? Projection::kLinearWithBias : Projection::kLinear;
  }
  fields.refuse("timm_proj", fmt::format("is {}; known are none and linear", quote(name)),
                ErrorCode::kUnsupported);
}

// timm_model.py: behind a projection of open_clip's the trunk keeps the pooling and the place of
// the norm that it was made with; otherwise it is made for the pooling that is asked for.
void read_timm_pool(OpenClipVisionConfig& config, const JsonFields& fields, bool is_clip) {
  const auto own = is_clip ? PicturePool::kClassToken : PicturePool::kAttention;
  const std::string_view own_name = is_clip ? "token" : "map";
  const bool projected =
      config.projection == Projection::kLinear || config.projection == Projection::kLinearWithBias;
  const auto name = fields.string("timm_pool", "avg");
  if (name == own_name || (name.empty() && projected)) {
    config.pool = own;
  } else if (name == "avg") {
    config.pool = PicturePool::kMean;
    config.norm_after_pool = !projected;
  } else {
    fields.refuse("timm_pool",
                  fmt::format("is {}; for this trunk {} and avg are known", quote(name), own_name),
                  ErrorCode::kUnsupported);
  }
}

OpenClipVisionConfig read_timm_vision(const JsonFields& fields, const std::string& name) {
  const auto* trunk = find_timm_trunk(name);
  if (trunk == nullptr) {
    refuse_tower(fields, "timm_model_name",
                 fmt::format("is {}, {}", quote(name), describe_timm_trunk(name)));
  }
  OpenClipVisionConfig config{trunk->vision};
  config.is_timm = true;
  config.class_token = trunk->is_clip;
  config.pre_norm = trunk->is_clip;
  config.patch_bias = !trunk->is_clip;
  const int image_size = read_side(fields, "image_size", 224);
  if (image_size != config.image_size) {
    fields.refuse("image_size", fmt::format("is {}, but timm's {} takes pictures of {}", image_size,
                                            name, config.image_size));
  }
  config.projection = read_timm_projection(fields);
  read_timm_pool(config, fields, trunk->is_clip);
  return config;
}

OpenClipVisionConfig read_vision_cfg(const JsonFields& fields, bool quick_gelu, int dimension) {
  fields.allow_only(kVisionKeys);
  const auto timm_name = optional_string(fields, "timm_model_name");
  const auto config = timm_name.empty() ? read_native_vision(fields, quick_gelu)
                                        : read_timm_vision(fields, timm_name);
  if (config.projection == Projection::kNone && config.transformer.hidden_size != dimension) {
    fields.refuse("timm_proj", fmt::format("is none, but the tower is {} wide and embed_dim is {}",
                                           config.transformer.hidden_size, dimension));
  }
  return config;
}

TextPool read_text_pool(const JsonFields& fields) {
  const auto name = fields.string("pool_type", "argmax");
  if (name == "argmax") return TextPool::kLargestId;
  if (name == "first") return TextPool::kFirst;
  if (name == "last") return TextPool::kLast;
  if (name == "eos") return TextPool::kEndToken;
  fields.refuse("pool_type",
                name == "none"
                    ? "is none, which leaves a text without a single embedding"
                    : fmt::format("is {}; known are argmax, first, last and eos", quote(name)),
                ErrorCode::kUnsupported);
}

Projection read_text_projection(const JsonFields& fields, int width, int dimension) {
  const auto name = fields.string("proj_type", "linear");
  if (name == "linear") {
    return flag(fields, "proj_bias") ? Projection::kLinearWithBias : Projection::kMatrix;
  }
  if (name != "none") {
    fields.refuse("proj_type", fmt::format("is {}; known are linear and none", quote(name)),
                  ErrorCode::kUnsupported);
  }
  if (width != dimension) {
    fields.refuse("proj_type", fmt::format("is none, but the tower is {} wide and embed_dim is {}",
                                           width, dimension));
  }
  return Projection::kNone;
}

OpenClipTextConfig read_text_cfg(const JsonFields& fields, bool quick_gelu, int dimension) {
  fields.allow_only(kTextKeys);
  const auto foreign = optional_string(fields, "hf_model_name");
  if (!foreign.empty()) {
    refuse_tower(fields, "hf_model_name",
                 fmt::format("makes the text tower transformers' {}", quote(foreign)));
  }
  refuse_if_on(fields, "embed_cls", "a class token behind the text (CoCa's) is not known");
  OpenClipTextConfig config;
  config.transformer = read_layers(fields, quick_gelu, 512);
  config.transformer.head_count = fields.integer("heads", 8, 1, kMaximumWidth);
  require_divided(config.transformer, fields, "heads");
  config.vocabulary_size = fields.integer("vocab_size", 49408, 1, kMaximumVocabulary);
  config.position_count = fields.integer("context_length", 77, 1, kMaximumTokens);
  config.causal = !flag(fields, "no_causal_mask");
  config.pool = read_text_pool(fields);
  config.end_id = fields.integer("eos_id", 2, 0, kMaximumVocabulary);
  config.projection = read_text_projection(fields, config.transformer.hidden_size, dimension);
  config.tokenizer = parse_open_clip_tokenizer(fields);
  return config;
}

void require_present(const JsonFields& fields, std::string_view key) {
  if (fields.find_given(key) == nullptr) fields.refuse(key, "is missing");
}

}  // namespace

bool is_open_clip_config(const Json& config) {
  return config.is_object() && (config.contains("model_cfg") || config.contains("vision_cfg"));
}

bool has_logit_bias(const Json& config) {
  const auto given = [](const Json& object, const char* key) {
    return object.is_object() && object.contains(key) && !object.at(key).is_null();
  };
  return given(config, "model_cfg") && given(config.at("model_cfg"), "init_logit_bias");
}

OpenClipConfig parse_open_clip_config(const Json& json, const std::string& origin) {
  const JsonFields top(json, origin);
  require_present(top, "model_cfg");
  const auto fields = top.below("model_cfg");
  fields.allow_only(kModelKeys);
  if (fields.find_given("multimodal_cfg") != nullptr) {
    refuse_tower(fields, "multimodal_cfg", "makes the model a CoCa");
  }
  for (const auto key : {"embed_dim", "vision_cfg", "text_cfg"}) require_present(fields, key);
  OpenClipConfig config;
  config.embedding_dimension = fields.integer("embed_dim", 0, 1, kMaximumWidth);
  config.has_logit_bias = has_logit_bias(json);
  const bool quick_gelu = flag(fields, "quick_gelu");
  config.vision =
      read_vision_cfg(fields.below("vision_cfg"), quick_gelu, config.embedding_dimension);
  config.text = read_text_cfg(fields.below("text_cfg"), quick_gelu, config.embedding_dimension);
  return config;
}

}  // namespace clipclap::checkpoint
