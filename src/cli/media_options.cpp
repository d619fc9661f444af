#include "cli/media_options.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <clipclap/boxes.h>
#include <clipclap/error.h>
#include <clipclap/labels.h>

#include "cli/arguments.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

constexpr Range<long> kThreadRange{1, 1024};
constexpr Range<long> kImageSizeRange{1, 8192};
constexpr Range<long> kTextLengthRange{1, 65536};
constexpr Range<long> kSampleRateRange{100, 1'000'000};
constexpr Range<double> kLogitScaleRange{1e-6, 1e6};
constexpr Range<double> kLoudnessRange{-200, 20};

std::vector<std::string> names_of(const std::vector<RecordFormat>& formats) {
  std::vector<std::string> names;
  names.reserve(formats.size());
  for (const auto& format : formats) names.emplace_back(format.name);
  return names;
}

std::string help_of(const std::vector<RecordFormat>& formats) {
  std::vector<std::string> parts;
  parts.reserve(formats.size());
  for (const auto& format : formats) {
    parts.push_back(fmt::format("{}: {}", format.name, format.description));
  }
  return fmt::format("{} (default: table on a terminal, else jsonl)", fmt::join(parts, "; "));
}

bool read_switch(const std::string& text) {
  if (text != "on" && text != "off") {
    throw Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is neither on nor off", text));
  }
  return text == "on";
}

[[noreturn]] void refuse_length(const std::string& text) {
  throw Error(
      ErrorCode::kInvalidArgument,
      fmt::format("\"{}\" is no length of time above 0; write one such as 5s or 500ms", text));
}

double read_seconds(const std::string& text) {
  try {
    const auto time = Sampling::parse(text);
    if (time.mode == Sampling::Mode::kInterval) return time.interval_seconds;
  } catch (const Error&) {
    refuse_length(text);  // its own words are those of --every
  }
  refuse_length(text);
}

std::optional<double> read_floor(const std::string& text) {
  if (text == "off") return std::nullopt;
  return read_number(text, kLoudnessRange);
}

std::vector<StreamChoice> read_streams(const std::string& text) {
  std::vector<StreamChoice> streams;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    streams.push_back(StreamChoice::parse(std::string_view(text).substr(start, end - start)));
    start = end + 1;
  }
  return streams;
}

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code failure;
  return std::filesystem::equivalent(a, b, failure) && std::filesystem::is_regular_file(a, failure);
}

}  // namespace

CLI::Option* add_inputs(CLI::App& command, MediaOptions& options) {
  auto* option =
      add_list(command, "INPUT", value::kInput,
               "pictures, videos, sounds, folders of them, URLs, or - for standard input",
               [&](const std::string& text) { options.inputs.push_back(text); });
  option->group("Inputs");
  return option;
}

void add_model_options(CLI::App& command, MediaOptions& options) {
  add_repeated(command, "--model", value::kModel, kModelsHelp, [&](const std::string& text) {
    options.models.push_back(text);
  })->group("Model");
  add_threads_option(command, options.model);
  add_device_option(command, options.model);
  add_precision_option(command, options.model);
  add_batch_option(command, options.run.batch);
  add_script_options(command, options.model.script);
}

void add_threads_option(CLI::App& command, ModelOptions& options) {
  add_value(command, "--threads", value::kNumber, "processor threads to use (default: all cores)",
            [&](const std::string& text) {
              options.threads = static_cast<int>(read_whole_number(text, kThreadRange));
            })
      ->group("Model");
}

int codec_threads(const ModelOptions& options) {
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  return options.threads < cores ? options.threads : 0;
}

void add_device_option(CLI::App& command, ModelOptions& options) {
  add_value(command, "--device", "cpu|cuda[:N]|xpu[:N]|mps|auto",
            "where the towers compute, several with commas between them; auto takes every GPU, "
            "else cpu (default: cpu; `clipclap devices` lists what there is)",
            [&](const std::string& text) { options.device = text; })
      ->group("Model");
}

void add_batch_option(CLI::App& command, std::size_t& batch) {
  add_value(command, "--batch", value::kNumber,
            "pictures, or windows of sound, that go through a model at once (default: 8; on a GPU "
            "what its memory holds)",
            [&](const std::string& text) {
              batch = static_cast<std::size_t>(read_whole_number(text, kBatchRange));
            })
      ->group("Model");
}

void add_script_options(CLI::App& command, ScriptOptions& options) {
  constexpr auto kGroup = "TorchScript files";
  add_value(command, "--tokenizer", value::kTokenizer,
            "of a TorchScript model: a folder, a tokenizer.json, a SentencePiece model",
            [&](const std::string& text) { options.tokenizer = text; })
      ->group(kGroup);
  add_value(
      command, "--logit-scale", value::kReal,
      "what cosines are multiplied with (default: what the model returns)",
      [&](const std::string& text) { options.logit_scale = read_number(text, kLogitScaleRange); })
      ->group(kGroup);
  add_value(command, "--image-size", value::kNumber,
            "pixels a side that the model takes (default: found by trying)",
            [&](const std::string& text) {
              options.image_size = static_cast<int>(read_whole_number(text, kImageSizeRange));
            })
      ->group(kGroup);
  add_value(command, "--text-length", value::kNumber,
            "tokens that the model takes (default: found by trying)",
            [&](const std::string& text) {
              options.text_length = static_cast<int>(read_whole_number(text, kTextLengthRange));
            })
      ->group(kGroup);
  add_value(command, "--sample-rate", value::kNumber,
            "samples a second of sound that the model takes (default: found by trying)",
            [&](const std::string& text) {
              options.sample_rate = static_cast<int>(read_whole_number(text, kSampleRateRange));
            })
      ->group(kGroup);
  add_value(command, "--sample-duration", value::kTime,
            "how long a sound the model hears at once (default: found by trying)",
            [&](const std::string& text) { options.sample_seconds = read_seconds(text); })
      ->group(kGroup);
  add_choice(command, "--forward-order", {"media", "text"},
             "what the model takes first (default: found by trying)", options.forward_order)
      ->group(kGroup);
  add_value(command, "--normalize", "on|off", "divide embeddings by their length (default: on)",
            [&](const std::string& text) { options.normalize = read_switch(text); })
      ->group(kGroup);
}

void add_precision_option(CLI::App& command, ModelOptions& options) {
  add_value(command, "--precision", "auto|fp32|bf16|fp16|int8",
            "what the towers compute with; auto tries which of fp32 and bf16, on a GPU of fp32, "
            "fp16 and bf16, is faster here (default: fp32, the reference's numbers; on a GPU auto)",
            [&](const std::string& text) { options.precision = parse_precision(text); })
      ->group("Model");
}

void add_sampling_options(CLI::App& command, MediaOptions& options) {
  add_value(command, "--every", value::kStep,
            "look at a frame every 1s, 0.5s, 250ms, 2m, or at every N-th frame: 1 takes all "
            "(default: 1s)",
            [&](const std::string& text) { options.every = Sampling::parse(text); })
      ->group("Frames");
  add_flag(command, "--keyframes", "look at key frames only, which decodes nothing else",
           options.keyframes)
      ->group("Frames");
  add_flag(
      command, "--fast",
      "take what is quickly decoded near --every TIME: a key frame within half of it, else the "
      "next frame that others refer to; each record says its time",
      options.fast)
      ->group("Frames");
  add_flag(command, "--skip-similar",
           "do not look at frames that look like those around them, as of a fixed camera, where "
           "these agree on the best label",
           options.run.skip_similar)
      ->group("Frames");
  add_value(command, "--streams", value::kStreams,
            "the streams to look at and listen to, such as v:0,a:1 (default: the best of each "
            "kind that the models take)",
            [&](const std::string& text) { options.run.streams = read_streams(text); })
      ->group("Frames");
}

void add_box_options(CLI::App& command, MediaOptions& options) {
  add_value(command, "--boxes", value::kFile,
            "look at what a detector found in place of whole pictures: a JSON object a line with "
            "\"box\":[x,y,width,height], a video's \"start\" in seconds or \"frame\" from 0, and, "
            "where you like, \"file\" and \"label\"; pictures and frames without are passed over",
            [&](const std::string& text) {
              options.run.boxes =
                  std::make_shared<const std::vector<DetectedBox>>(read_boxes(text));
            })
      ->group("Frames");
  add_value(command, "--target", value::kWords,
            "of --boxes, those with one of these labels in upper or lower case (default: *, all)",
            [&](const std::string& text) { options.targets = parse_labels(text); })
      ->group("Frames");
}

void add_sound_options(CLI::App& command, RunOptions& options) {
  constexpr auto kGroup = "Sound";
  add_value(command, "--window", value::kTime,
            "how much is heard at once, such as 5s (default: what the model was made for)",
            [&](const std::string& text) { options.window_seconds = read_seconds(text); })
      ->group(kGroup);
  add_value(command, "--hop", value::kTime,
            "from the beginning of a window to that of the next (default: half a window)",
            [&](const std::string& text) { options.hop_seconds = read_seconds(text); })
      ->group(kGroup);
  add_value(command, "--silence-floor", value::kReal,
            "windows that are nowhere louder, in LUFS, are said to be silent; off scores all "
            "(default: -70)",
            [&](const std::string& text) { options.silence_floor = read_floor(text); })
      ->group(kGroup);
}

void add_output_options(CLI::App& command, MediaOptions& options,
                        const std::vector<RecordFormat>& formats) {
  add_choice(command, "--format", names_of(formats), help_of(formats), options.format)
      ->group("Output");
  add_value(command, "-o,--output", value::kFile,
            "write to a file, whole or not at all (default: - for standard output)",
            [&](const std::string& text) { options.output = text; })
      ->group("Output");
}

void add_talk_options(CLI::App& command, TalkOptions& options) {
  add_flag(command, "-q,--quiet", "say nothing but errors", options.quiet)->group("Talk");
  add_flag(command, "-v,--verbose", "say more", options.verbose)->group("Talk");
}

void require_sound(const CLI::App& command, const MediaOptions& options) {
  if (options.every && options.keyframes) {
    throw_usage(command, "--every and --keyframes exclude each other");
  }
  const bool goes_by_time =
      !options.keyframes && (!options.every || options.every->mode == Sampling::Mode::kInterval);
  if (options.fast && !goes_by_time) {
    throw_usage(command, "--fast is for frames every so many seconds, as --every 2s takes them");
  }
  const auto& inputs = options.inputs;
  if (std::find(inputs.begin(), inputs.end(), "") != inputs.end()) {
    throw_usage(command, "INPUT: an input's name is empty");
  }
  if (std::count(inputs.begin(), inputs.end(), "-") > 1) {
    throw_usage(command, "INPUT: standard input (-) can be read only once");
  }
  require_no_input(command, options, "--output", options.output);
}

void require_boxes(const CLI::App& command, const MediaOptions& options) {
  if (!options.run.boxes) {
    if (!options.targets.empty()) throw_usage(command, "--target is for --boxes");
    return;
  }
  const std::pair<bool, std::string_view> excluded[] = {
      {options.every.has_value(), "--every"},
      {options.keyframes, "--keyframes"},
      {options.fast, "--fast"},
      {options.run.skip_similar, "--skip-similar"}};
  for (const auto& [is_given, name] : excluded) {
    if (!is_given) continue;
    throw_usage(command, fmt::format("--boxes says which frames are looked at; leave {}", name));
  }
}

void require_no_input(const CLI::App& command, const MediaOptions& options, std::string_view option,
                      const std::string& path) {
  for (const auto& input : options.inputs) {
    if (!is_same_file(input, path)) continue;
    throw_usage(command, fmt::format("{}: {} is an input, too", option, path));
  }
}

RunOptions run_options(const MediaOptions& options) {
  RunOptions run = options.run;
  run.decoder_threads = codec_threads(options.model);
  if (options.every) run.sampling = *options.every;
  if (options.keyframes) run.sampling.mode = Sampling::Mode::kKeyframes;
  run.sampling.fast = options.fast;
  if (run.boxes && !options.targets.empty()) {
    run.boxes =
        std::make_shared<const std::vector<DetectedBox>>(choose_boxes(*run.boxes, options.targets));
  }
  return run;
}

}  // namespace clipclap::cli
