// What `tag` and `embed` share: what goes in, how it is looked at, where results go.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <clipclap/media.h>
#include <clipclap/model.h>
#include <clipclap/records.h>
#include <clipclap/tagging.h>

#include "cli/console.h"
#include "cli/options.h"

namespace clipclap::cli {

struct MediaOptions {
  std::vector<std::string> inputs;
  std::vector<std::string> models;  ///< none: the embedded demo models
  ModelOptions model;               ///< what holds for all of them
  std::optional<Sampling> every;
  bool fast = false;
  bool keyframes = false;
  std::vector<std::string> targets;  ///< of the run's boxes, those called so; none: all
  bool makes_scores = false;         ///< so that --logit-scale holds for every model
  RunOptions run;
  std::string format;  ///< empty: by where the output goes
  std::string output = "-";
  TalkOptions talk;
};

inline constexpr Range<long> kBatchRange{1, 4096};

inline constexpr auto kModelHelp =
    "a checkpoint folder, or a hub id such as openai/clip-vit-base-patch32 that is in the local "
    "Hugging Face cache (default: embedded:demo)";
inline constexpr auto kModelsHelp =
    "a checkpoint folder, or a hub id such as openai/clip-vit-base-patch32 that is in the local "
    "Hugging Face cache; one that sees and one that hears go together (default: embedded:demo and "
    "embedded:demo-audio)";

CLI::Option* add_inputs(CLI::App& command, MediaOptions& options);
void add_model_options(CLI::App& command, MediaOptions& options);
/// What a TorchScript file does not say of itself.
void add_script_options(CLI::App& command, ScriptOptions& options);
void add_threads_option(CLI::App& command, ModelOptions& options);
/// For decoders and encoders: as many, and where that is all cores, what keeps these busy.
int codec_threads(const ModelOptions& options);
void add_batch_option(CLI::App& command, std::size_t& batch);
void add_device_option(CLI::App& command, ModelOptions& options);
void add_precision_option(CLI::App& command, ModelOptions& options);
void add_sampling_options(CLI::App& command, MediaOptions& options);
void add_box_options(CLI::App& command, MediaOptions& options);
void add_sound_options(CLI::App& command, RunOptions& options);
/// `formats`: those that the command's records have a place in.
void add_output_options(CLI::App& command, MediaOptions& options,
                        const std::vector<RecordFormat>& formats);
void add_talk_options(CLI::App& command, TalkOptions& options);

/// Throws Failure (kUsage) for options that do not go together.
void require_sound(const CLI::App& command, const MediaOptions& options);
void require_boxes(const CLI::App& command, const MediaOptions& options);
/// Throws Failure (kUsage) where the option's file is one of the inputs.
void require_no_input(const CLI::App& command, const MediaOptions& options, std::string_view option,
                      const std::string& path);

RunOptions run_options(const MediaOptions& options);

}  // namespace clipclap::cli
