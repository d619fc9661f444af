#include "model/script/script.h"

#include <algorithm>
#include <utility>

#include <ATen/core/Tensor.h>
#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/log.h"
#include "checkpoint/preprocessing_config.h"
#include "model/script/script_probe.h"
#include "model/script/script_towers.h"
#include "model/text_side.h"

namespace clipclap::model {
namespace {

// PyTorch's zip holds "NAME/constants.pkl" and code in TorchScript alone; a zip ends with the names
// of its files, in plain text.
bool holds_code(std::span<const std::byte> bytes) {
  constexpr std::size_t kLongestDirectory = std::size_t{4} << 20;
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with("PK")) return false;
  text.remove_prefix(text.size() - std::min(text.size(), kLongestDirectory));
  return text.find("/constants.pkl") != std::string_view::npos &&
         text.find("/code/") != std::string_view::npos;
}

TextSide load_text(const Checkpoint& checkpoint) {
  if (checkpoint.script.tokenizer.empty()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "a TorchScript file holds no tokenizer; name its tokenizer.json, or the folder of its "
        "tokenizer's files, with --tokenizer",
        checkpoint.origin);
  }
  const auto files = checkpoint::CheckpointFiles::open(checkpoint.script.tokenizer);
  auto loaded = checkpoint::load_tokenizer(files);
  if (loaded.family == checkpoint::TextFamily::kPlain && !loaded.pad_id) {
    log_warning(fmt::format(
        "{}: nothing beside it tells of a family, so texts go by this file alone and are filled up "
        "with id 0; SigLIP needs the tokenizer_config.json of its folder",
        loaded.origin));
  }
  constexpr std::int64_t kAny = 1 << 20;  // what the file takes is found by trying
  return make_text_side(std::move(loaded), kAny, kAny);
}

media::Preprocessing read_preprocessing(const Checkpoint& checkpoint, int image_size) {
  if (checkpoint.files.contains("preprocessor_config.json")) {
    return checkpoint::parse_preprocessing(checkpoint.files, image_size);
  }
  log_warning(fmt::format(
      "{}: no preprocessor_config.json lies beside it, so pictures are prepared as OpenAI's CLIP "
      "wants them: bicubic, {} pixels, its mean and deviation",
      checkpoint.origin, image_size));
  media::Preprocessing preprocessing;
  preprocessing.resize_height = preprocessing.resize_width = image_size;
  preprocessing.crop_height = preprocessing.crop_width = image_size;
  preprocessing.mean = {0.48145466, 0.4578275, 0.40821073};
  preprocessing.std = {0.26862954, 0.26130258, 0.27577711};
  return preprocessing;
}

ScoreRule read_score(const Checkpoint& checkpoint, const ScriptOutput& probe) {
  const auto scale =
      checkpoint.script.logit_scale ? checkpoint.script.logit_scale : probe.logit_scale;
  if (!scale) {
    throw Error(ErrorCode::kInvalidArgument,
                "the model returns no scale for its scores; give it with --logit-scale (100 for "
                "OpenAI's CLIP)",
                checkpoint.origin);
  }
  ScoreRule rule{.logit_scale = *scale};
  if (probe.logit_bias) {
    rule.kind = ScoreRule::Kind::kSigmoid;
    rule.logit_bias = *probe.logit_bias;
  }
  return rule;
}

}  // namespace

bool recognizes_script(const Checkpoint& checkpoint) {
  const auto& file = checkpoint.files.main_file();
  return !file.empty() && holds_code(checkpoint.files.bytes(file));
}

DualEncoder load_script(const Checkpoint& checkpoint) {
  const auto precision = checkpoint.precision.value_or(Precision::kFloat32);
  if (precision != Precision::kAuto && precision != Precision::kFloat32) {
    throw Error(ErrorCode::kUnsupported,
                "a TorchScript file computes in the precision that it was exported in; take "
                "--precision auto",
                checkpoint.origin);
  }
  auto text = load_text(checkpoint);
  auto module =
      std::make_shared<const ScriptModule>(checkpoint.origin, checkpoint.arithmetic.device);
  const auto probe = probe_script(*module, text, checkpoint);

  ModelInfo info;
  info.image_size = probe.image_size;
  info.sample_rate = probe.sample_rate;
  info.embedding_dimension = static_cast<int>(probe.output.media.size(1));
  info.parameters = module->parameter_count();
  info.data_type = "TorchScript, whose code is run";
  text.layout.length = probe.text_length;
  text.layout.padding_matters = !probe.masks;
  text.tower = make_script_text_tower(module, probe);

  DualEncoder encoder{.info = std::move(info),
                      .files = checkpoint.files,
                      .text = std::move(text),
                      .picture = std::nullopt,
                      .sound = std::nullopt,
                      .score = read_score(checkpoint, probe.output),
                      .normalizes = checkpoint.script.normalize};
  if (probe.image_size > 0) {
    const auto preprocessing = read_preprocessing(checkpoint, probe.image_size);
    encoder.picture.emplace(
        PictureSide{preprocessing, make_script_picture_tower(module, probe, preprocessing)});
  } else {
    encoder.info.window_seconds = static_cast<double>(probe.sample_count) / probe.sample_rate;
    encoder.sound.emplace(SoundSide{probe.sample_rate, encoder.info.window_seconds,
                                    make_script_sound_tower(module, probe)});
  }
  return encoder;
}

}  // namespace clipclap::model
