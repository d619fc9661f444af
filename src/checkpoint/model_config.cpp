#include "checkpoint/model_config.h"

#include <fmt/format.h>

#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

struct ActivationRow {
  std::string_view name;
  Activation activation;
};

// The first row of each is the name that messages use.
constexpr ActivationRow kActivations[] = {
    {"quick_gelu", Activation::kQuickGelu},
    {"gelu", Activation::kGelu},
    {"gelu_python", Activation::kGelu},
    {"gelu_pytorch_tanh", Activation::kGeluTanh},
    {"gelu_python_tanh", Activation::kGeluTanh},
    {"gelu_new", Activation::kGeluTanh},
    {"gelu_fast", Activation::kGeluTanh},
    {"gelu_accurate", Activation::kGeluTanh},
    {"relu", Activation::kRelu},
    {"silu", Activation::kSilu},
    {"swish", Activation::kSilu},
};

}  // namespace

std::string read_model_type(const Json& config) {
  if (!config.is_object()) return {};
  const auto found = config.find("model_type");
  return found == config.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

Activation parse_activation(const std::string& name, const std::string& where) {
  std::string known;
  for (const auto& row : kActivations) {
    if (row.name == name) return row.activation;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", row.name);
  }
  throw Error(ErrorCode::kUnsupported,
              fmt::format("the activation {} is not known; known are {}", quote(name), known),
              where);
}

std::string_view to_string(Activation activation) {
  for (const auto& row : kActivations) {
    if (row.activation == activation) return row.name;
  }
  return "unknown";
}

TransformerConfig read_transformer(const JsonFields& fields, const TransformerConfig& defaults) {
  TransformerConfig config;
  config.hidden_size = fields.integer("hidden_size", defaults.hidden_size, 1, kMaximumWidth);
  config.intermediate_size =
      fields.integer("intermediate_size", defaults.intermediate_size, 1, kMaximumInnerWidth);
  config.layer_count = fields.integer("num_hidden_layers", defaults.layer_count, 1, kMaximumLayers);
  config.head_count = fields.integer("num_attention_heads", defaults.head_count, 1, kMaximumWidth);
  if (config.hidden_size % config.head_count != 0) {
    fields.refuse("hidden_size", fmt::format("is {}, which {} heads (num_attention_heads) do not "
                                             "divide",
                                             config.hidden_size, config.head_count));
  }
  config.activation = parse_activation(fields.string("hidden_act", to_string(defaults.activation)),
                                       fields.place("hidden_act"));
  config.layer_norm_eps = fields.number("layer_norm_eps", defaults.layer_norm_eps);
  if (config.layer_norm_eps < 0) fields.refuse("layer_norm_eps", "must not be negative");
  return config;
}

}  // namespace clipclap::checkpoint
