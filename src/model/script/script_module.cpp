#include "model/script/script_module.h"

#include <span>
#include <string_view>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "model/script/script_file.h"

namespace clipclap::model {
namespace {

// open_clip and OpenAI, transformers, LAION.
constexpr std::string_view kMediaMethods[] = {"encode_image", "get_image_features", "encode_audio",
                                              "get_audio_features", "get_audio_embedding"};
constexpr std::string_view kTextMethods[] = {"encode_text", "get_text_features",
                                             "get_text_embedding"};
// A trace keeps forward() alone, but open_clip's picture tower is a submodule with one of its own.
constexpr std::string_view kMediaSubmodule = "visual";

// Tensors of an output that may be a tuple, a list or a dictionary, nested.
void collect(const c10::IValue& value, std::vector<at::Tensor>& found) {
  if (value.isTensor()) {
    found.push_back(value.toTensor());
  } else if (value.isTuple()) {
    for (const auto& part : value.toTupleRef().elements()) collect(part, found);
  } else if (value.isList()) {
    for (const auto& part : value.toListRef()) collect(part, found);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) collect(entry.value(), found);
  } else if (value.isDouble()) {
    found.push_back(at::scalar_tensor(value.toDouble()));
  }
}

bool is_embedding(const at::Tensor& tensor, std::int64_t rows, std::int64_t other_rows) {
  return tensor.dim() == 2 && tensor.is_floating_point() && tensor.size(0) == rows &&
         tensor.size(1) != other_rows && tensor.size(1) > 1;
}

// Logits have the two batches for sides; embeddings share a width that is neither.
ScriptOutput tell_apart(const std::vector<at::Tensor>& outputs, std::int64_t media_rows,
                        std::int64_t text_rows) {
  ScriptOutput result;
  for (const auto& tensor : outputs) {
    if (tensor.numel() == 1 && tensor.is_floating_point()) {
      auto& slot = result.logit_scale ? result.logit_bias : result.logit_scale;
      if (!slot) slot = tensor.item<double>();
    } else if (!result.media.defined() && is_embedding(tensor, media_rows, text_rows)) {
      result.media = tensor;
    } else if (!result.text.defined() && is_embedding(tensor, text_rows, media_rows)) {
      result.text = tensor;
    }
  }
  if (result.media.defined() && result.text.defined() &&
      result.media.size(1) == result.text.size(1)) {
    return result;
  }
  throw Error(ErrorCode::kInvalidData,
              fmt::format("forward() gave {} tensors, but no two embeddings of {} and {} rows and "
                          "one width; export the model so that it returns both",
                          outputs.size(), media_rows, text_rows));
}

std::vector<c10::IValue> to_inputs(const std::vector<at::Tensor>& tensors, std::size_t count) {
  return {tensors.begin(),
          tensors.begin() + static_cast<std::ptrdiff_t>(std::min(count, tensors.size()))};
}

// A method of the module, with as many of the inputs as it takes.
std::optional<at::Tensor> call_first(const torch::jit::Module& module,
                                     std::span<const std::string_view> names,
                                     const std::vector<at::Tensor>& inputs) {
  for (const auto name : names) {
    const auto method = module.find_method(std::string(name));
    if (!method) continue;
    const auto takes = method->function().getSchema().arguments().size() - 1;
    auto answer = (*method)(to_inputs(inputs, takes));
    if (answer.isTensor()) return answer.toTensor();
  }
  return std::nullopt;
}

}  // namespace

struct ScriptModule::Implementation {
  std::string path;
  at::Device device;
  // Calling a module is not const in LibTorch, though it changes nothing after eval().
  mutable torch::jit::Module module;
};

ScriptModule::ScriptModule(const std::string& path, at::Device device)
    : implementation_(std::make_unique<Implementation>(
          Implementation{path, device, load_script(path, device)})) {}
ScriptModule::~ScriptModule() = default;

at::Device ScriptModule::device() const { return implementation_->device; }

std::size_t ScriptModule::input_count() const {
  const auto method = implementation_->module.find_method("forward");
  if (!method) {
    throw Error(ErrorCode::kInvalidData, "has no forward(); export a whole model",
                implementation_->path);
  }
  return method->function().getSchema().arguments().size() - 1;
}

std::size_t ScriptModule::parameter_count() const {
  std::size_t count = 0;
  for (const auto& parameter : implementation_->module.parameters()) {
    count += static_cast<std::size_t>(parameter.numel());
  }
  return count;
}

ScriptOutput ScriptModule::run(const at::Tensor& media, const std::vector<at::Tensor>& text,
                               ForwardOrder order) const {
  std::vector<c10::IValue> inputs;
  inputs.reserve(1 + text.size());
  for (const auto& input : text) inputs.emplace_back(input.to(device()));
  inputs.insert(order == ForwardOrder::kMediaFirst ? inputs.begin() : inputs.end(),
                media.to(device()));
  return with_script(implementation_->path, media, [&] {
    std::vector<at::Tensor> outputs;
    collect(implementation_->module.forward(std::move(inputs)), outputs);
    return tell_apart(outputs, media.size(0), text.front().size(0));
  });
}

std::optional<at::Tensor> ScriptModule::run_media_alone(const at::Tensor& media) const {
  const auto& module = implementation_->module;
  return with_script(implementation_->path, media, [&]() -> std::optional<at::Tensor> {
    if (auto answer = call_first(module, kMediaMethods, {media.to(device())})) return answer;
    if (!module.hasattr(std::string(kMediaSubmodule))) return std::nullopt;
    const auto attribute = module.attr(std::string(kMediaSubmodule));
    if (!attribute.isModule()) return std::nullopt;
    auto answer = attribute.toModule().forward({media.to(device())});
    return answer.isTensor() ? std::optional(answer.toTensor()) : std::nullopt;
  });
}

std::optional<at::Tensor> ScriptModule::run_text_alone(const std::vector<at::Tensor>& text) const {
  std::vector<at::Tensor> inputs;
  inputs.reserve(text.size());
  for (const auto& input : text) inputs.push_back(input.to(device()));
  return with_script(implementation_->path, text.front(),
                     [&] { return call_first(implementation_->module, kTextMethods, inputs); });
}

}  // namespace clipclap::model
