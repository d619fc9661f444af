#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/processing.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/media_options.h"
#include "cli/options.h"
#include "cli/progress_text.h"

namespace clipclap::cli {
namespace {

constexpr Range<long> kMultipleRange{1, 4096};

struct ProcessCommand {
  ModelOptions model;
  std::string input;
  std::string output;
  std::size_t batch = 0;
  int multiple = 0;
  FilmOptions film;
  TalkOptions talk;
};

constexpr auto kExamples = R"(
MODEL.pt is a TorchScript file whose forward() takes and gives pictures:
[batch, 3 or 1, height, width] of float32 in 0 … 1. It runs code that is in it.

Examples:
  clipclap process upscale.pt photo.jpg large.png
  clipclap process denoise.pt film.mkv clean.mkv --codec ffv1
  clipclap process upscale.pt film.mp4 large.mp4 --codec-settings crf=18
)";

/// One line of the terminal: how far, how fast.
class FilmProgress {
 public:
  FilmProgress(Console& console, const std::string& name) : console_(console), name_(name) {}

  void update(const Progress& progress) {
    if (!console_.shows_progress()) return;
    const auto now = Clock::now();
    // Pictures may be quicker than any eye.
    constexpr std::chrono::milliseconds kBetween{100};
    if (drawn_ && now - *drawn_ < kBetween) return;
    drawn_ = now;
    console_.draw_progress(to_line(describe(progress, now), console_.columns()));
  }

 private:
  using Clock = std::chrono::steady_clock;

  ProgressText describe(const Progress& progress, Clock::time_point now) const {
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    ProgressText text{.position = short_clock(progress.position_seconds), .name = name_};
    if (elapsed > 0) {
      text.rates =
          fmt::format("{:.1f} pictures/s", static_cast<double>(progress.windows) / elapsed);
    }
    if (!progress.duration_seconds || progress.position_seconds <= 0) return text;
    text.fraction = std::min(1.0, progress.position_seconds / *progress.duration_seconds);
    text.seconds_left = elapsed * (1 - *text.fraction) / *text.fraction;
    return text;
  }

  Console& console_;
  const std::string& name_;
  Clock::time_point start_ = Clock::now();
  std::optional<Clock::time_point> drawn_;
};

/// An output that leaves nothing behind where the process is ended by force.
class GuardedOutput {
 public:
  GuardedOutput(const std::string& path, Surroundings surroundings)
      : surroundings_(surroundings), file_(open(path)) {
    surroundings_.interruption.set_last_act([this] {
      file_.abandon();
      surroundings_.console.try_clear_progress();
    });
  }
  ~GuardedOutput() { surroundings_.interruption.set_last_act({}); }
  GuardedOutput(const GuardedOutput&) = delete;
  GuardedOutput& operator=(const GuardedOutput&) = delete;

  OutputFile& file() { return file_; }

 private:
  static OutputFile open(const std::string& path) {
    try {
      return OutputFile(path);
    } catch (const Error& error) {
      throw Failure(ExitCode::kNothingRan, error.what());
    }
  }

  Surroundings surroundings_;
  OutputFile file_;
};

Processor open_processor(const ProcessCommand& command) {
  try {
    return Processor({.model = command.model.model,
                      .device = command.model.device,
                      .threads = command.model.threads,
                      .batch = command.batch,
                      .multiple = command.multiple});
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument) throw;
    throw Failure(ExitCode::kNothingRan, error.what());
  }
}

ExitCode run_process(const ProcessCommand& command, Surroundings surroundings) {
  GuardedOutput output(command.output, surroundings);
  const auto processor = open_processor(command);
  FilmProgress progress(surroundings.console, command.input);
  auto film = command.film;
  film.codec_threads = codec_threads(command.model);
  film.stop = &surroundings.interruption.requested();
  film.on_progress = [&](const Progress& now) { progress.update(now); };
  try {
    process_film(processor, command.input, output.file(), film);
    surroundings.console.clear_progress();
    output.file().commit();
  } catch (const Error& error) {
    const bool is_of_output = error.context() == command.output;
    const bool is_cancelled = error.code() == ErrorCode::kCancelled;
    if (is_of_output && is_cancelled) throw EarlyEnd{};
    if (is_cancelled || error.code() == ErrorCode::kInvalidArgument) throw;
    throw Failure(is_of_output ? ExitCode::kNothingRan : ExitCode::kSomeFailed, error.what());
  }
  return ExitCode::kDone;
}

void require_two_files(const CLI::App& command, const ProcessCommand& options) {
  if (options.input.empty() || options.output.empty()) {
    throw_usage(command, "name a picture or film, and what is to be made of it");
  }
  std::error_code failure;
  const bool is_same = std::filesystem::equivalent(options.input, options.output, failure) &&
                       std::filesystem::is_regular_file(options.input, failure);
  if (is_same) throw_usage(command, fmt::format("OUT: {} is IN, too", options.output));
}

void add_files(CLI::App& command, ProcessCommand& options) {
  const auto add = [&](const char* name, const char* value_name, const char* help,
                       std::string& target) {
    add_value(command, name, value_name, help,
              [&target](const std::string& text) { target = text; })
        ->required()
        ->group("Files");
  };
  add("MODEL", value::kPictureModel, "a TorchScript file", options.model.model);
  add("IN", value::kSource, "a picture, a film, a URL, or - for standard input", options.input);
  add("OUT", value::kTarget,
      "what is made of it, whole or not at all; its extension tells the container (.png, .jpg, "
      ".mkv, .mp4 …); - for standard output, with --format",
      options.output);
}

void add_film_options(CLI::App& command, FilmOptions& options) {
  constexpr auto kGroup = "Output";
  add_value(command, "--codec", value::kName,
            "the encoder of pictures, as ffmpeg names it (default: the container's own; ffv1 in "
            ".mkv and .png lose nothing)",
            [&](const std::string& text) { options.codec = text; })
      ->group(kGroup);
  add_value(command, "--codec-settings", "KEY=VALUE:...",
            "of that encoder, such as crf=18:preset=slow",
            [&](const std::string& text) { options.codec_settings = text; })
      ->group(kGroup);
  add_value(command, "--format", value::kName,
            "the container, as ffmpeg names it (default: by OUT's extension)",
            [&](const std::string& text) { options.format = text; })
      ->group(kGroup);
}

}  // namespace

void add_process_command(CLI::App& program, Run& selected) {
  auto* command = program.add_subcommand(
      "process", "Put a film or picture through a model that makes pictures of pictures");
  const auto options = std::make_shared<ProcessCommand>();
  add_files(*command, *options);
  add_threads_option(*command, options->model);
  add_device_option(*command, options->model);
  add_value(*command, "--batch", value::kNumber,
            "pictures that go through the model at once (default: 1; on a GPU 8)",
            [options](const std::string& text) {
              options->batch = static_cast<std::size_t>(read_whole_number(text, kBatchRange));
            })
      ->group("Model");
  add_value(*command, "--multiple", value::kNumber,
            "what the sides of pictures are padded to a multiple of, and cut again (default: "
            "found by trying)",
            [options](const std::string& text) {
              options->multiple = static_cast<int>(read_whole_number(text, kMultipleRange));
            })
      ->group("Model");
  add_film_options(*command, options->film);
  add_talk_options(*command, options->talk);
  command->footer(kExamples);
  command->callback([command, options, &selected] {
    require_two_files(*command, *options);
    selected = [options](Surroundings surroundings) {
      surroundings.console.set_talk(options->talk);
      return run_process(*options, surroundings);
    };
  });
}

}  // namespace clipclap::cli
