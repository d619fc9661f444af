#include "model/architectures.h"

#include <optional>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/model_config.h"
#include "checkpoint/quote.h"
#include "checkpoint/safetensors.h"
#include "model/clap/clap.h"
#include "model/clip/clip.h"
#include "model/device.h"
#include "model/msclap/msclap.h"
#include "model/open_clip/open_clip.h"
#include "model/precision.h"
#include "model/script/script.h"
#include "model/siglip/siglip.h"
#include "model/torch_guard.h"

namespace clipclap::model {
namespace {

constexpr std::string_view kHuggingFace = "Hugging Face folder";
constexpr std::string_view kOpenClip = "open_clip folder";

constexpr Architecture kArchitectures[] = {
    {"clip-hf", "CLIP", kHuggingFace, "pictures", "CLIP BPE", "softmax", recognizes_clip,
     load_clip},
    {"siglip-hf", "SigLIP", kHuggingFace, "pictures", "SentencePiece, Gemma BPE", "sigmoid",
     recognizes_siglip, load_siglip},
    {"siglip-naflex-hf", "SigLIP 2 NaFlex", kHuggingFace, "pictures", "Gemma BPE", "sigmoid",
     recognizes_siglip_naflex, load_siglip},
    {"siglip-open-clip", "SigLIP", kOpenClip, "pictures", "SentencePiece, Gemma BPE", "sigmoid",
     recognizes_open_clip_siglip, load_open_clip},
    {"clip-open-clip", "CLIP", kOpenClip, "pictures", "CLIP BPE", "softmax", recognizes_open_clip,
     load_open_clip},
    {"clap-hf", "CLAP", kHuggingFace, "sounds", "RoBERTa BPE", "softmax", recognizes_clap,
     load_clap},
    {"msclap", "msclap", "folder, or .pth file", "sounds", "GPT-2 BPE, BERT", "softmax",
     recognizes_msclap, load_msclap, ScriptUse::kTokenizer},
    {"torchscript", "any", "TorchScript file", "either", "--tokenizer FILE", "softmax, sigmoid",
     recognizes_script, load_script, ScriptUse::kAll, /*chooses_precision=*/false},
};

const Architecture* find_row(const Checkpoint& checkpoint) {
  for (const auto& row : architectures()) {
    if (row.recognizes(checkpoint)) return &row;
  }
  return nullptr;
}

struct ConfigFile {
  std::string_view name;
  checkpoint::WeightsNames weights;  ///< that belong to it
};

constexpr ConfigFile kConfigFiles[] = {{"config.json", checkpoint::kHuggingFaceWeights},
                                       {"open_clip_config.json", checkpoint::kOpenClipWeights}};

// A folder may hold both configs (LAION's do): the first counts that a row recognises and whose
// weights are there, else the first that a row recognises, else the first.
Checkpoint read_checkpoint(const checkpoint::CheckpointFiles& files, const ModelOptions& options) {
  if (const auto& file = files.main_file(); !file.empty()) {
    return {files, Json(), files.describe(file), options.precision, {}, options.script};
  }
  std::optional<Checkpoint> found;
  bool is_known = false;
  for (const auto& file : kConfigFiles) {
    if (!files.contains(file.name)) continue;
    const auto origin = files.describe(file.name);
    Checkpoint candidate{files,  parse_json(files.text(file.name), origin),
                         origin, options.precision,
                         {},     options.script};
    const bool knows = find_row(candidate) != nullptr;
    if (knows && checkpoint::has_weights(files, file.weights)) return candidate;
    if (found && (is_known || !knows)) continue;
    found = std::move(candidate);
    is_known = knows;
  }
  if (!found) files.text(kConfigFiles[0].name);  // throws what is missing
  return *found;
}

[[noreturn]] void throw_unknown(const Checkpoint& checkpoint) {
  if (!checkpoint.files.main_file().empty()) {
    throw Error(ErrorCode::kUnsupported,
                "is a file, but neither TorchScript nor weights of msclap; any other checkpoint is "
                "named by its folder",
                checkpoint.origin);
  }
  const auto type = checkpoint::read_model_type(checkpoint.config);
  if (type.empty()) {
    throw Error(
        ErrorCode::kUnsupported,
        "has no model_type, so that nothing tells which architecture it is; `clipclap model "
        "list` says what is known",
        checkpoint.origin);
  }
  throw Error(ErrorCode::kUnsupported,
              fmt::format("model_type {} is an architecture that clipclap does not compute itself; "
                          "a TorchScript export of the model works, and `clipclap model list` says "
                          "what is known",
                          checkpoint::quote(type)),
              checkpoint.origin);
}

// An option that would change nothing was meant for another model.
void refuse_useless(const ScriptOptions& options, const Architecture& row,
                    const std::string& origin) {
  std::string_view useless;
  if (row.script_use == ScriptUse::kNone && options.logit_scale) useless = "a logit scale is given";
  if (options.image_size != 0) useless = "an image size is given";
  if (options.text_length != 0) useless = "a number of tokens is given";
  if (options.sample_rate != 0 || options.sample_seconds != 0) useless = "a clip of sound is given";
  if (!options.forward_order.empty()) useless = "an order of inputs is given";
  if (!options.normalize) useless = "normalisation is switched off";
  if (row.script_use == ScriptUse::kNone && !options.tokenizer.empty())
    useless = "a tokenizer is given";
  if (useless.empty() || row.script_use == ScriptUse::kAll) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{}, which is for TorchScript files; this {} says it itself", useless,
                          row.packaging),
              origin);
}

}  // namespace

std::span<const Architecture> architectures() { return kArchitectures; }

namespace {

std::shared_ptr<DualEncoder> load_on(at::Device device, const checkpoint::CheckpointFiles& files,
                                     const ModelOptions& options) {
  auto checkpoint = read_checkpoint(files, options);
  const auto* row = find_row(checkpoint);
  if (row == nullptr) throw_unknown(checkpoint);
  refuse_useless(options.script, *row, checkpoint.origin);
  checkpoint.arithmetic.device = device;
  if (row->chooses_precision) checkpoint.arithmetic = arithmetic_of(options.precision, device);
  return with_torch("loading " + files.name(), [&] {
    auto encoder = std::make_shared<DualEncoder>(row->load(checkpoint));
    files.let_go();
    encoder->device = device;
    encoder->info.device = device.str();
    encoder->info.name = files.main_file().empty() ? files.name() : checkpoint.origin;
    encoder->info.family = row->family;
    encoder->info.architecture = row->name;
    encoder->info.precision = precision_name(checkpoint.arithmetic);
    encoder->info.score = to_string(encoder->score.kind);
    encoder->info.sees = encoder->picture.has_value();
    encoder->info.hears = encoder->sound.has_value();
    encoder->info.text_length = static_cast<int>(encoder->text.layout.length);
    if (encoder->sound) {
      encoder->info.sample_rate = encoder->sound->sample_rate;
      encoder->info.window_seconds = encoder->sound->window_seconds;
    }
    encoder->info.tokenizer = encoder->text.tokenizer.description();
    if (options.script.logit_scale) encoder->score.logit_scale = *options.script.logit_scale;
    encoder->info.logit_scale = encoder->score.logit_scale;
    encoder->info.logit_bias = encoder->score.logit_bias;
    return encoder;
  });
}

}  // namespace

std::shared_ptr<const DualEncoder> load_model(const checkpoint::CheckpointFiles& files,
                                              const ModelOptions& options) {
  return load_model_on(parse_devices(options.device), files, options);
}

std::shared_ptr<const DualEncoder> load_model_on(const std::vector<at::Device>& devices,
                                                 const checkpoint::CheckpointFiles& files,
                                                 const ModelOptions& options) {
  auto first = load_on(devices.front(), files, options);
  for (std::size_t i = 1; i < devices.size(); ++i) {
    first->replicas.push_back(load_on(devices[i], files, options));
  }
  first->info.device = device_names(devices);
  return first;
}

}  // namespace clipclap::model
