#include "cli/media_run.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <clipclap/error.h>

#include "base/large_blocks.h"
#include "cli/terminal.h"

namespace clipclap::cli {
namespace {

using Clock = ProgressLine::Clock;

RecordFormat choose_format(const std::string& asked, const std::string& path) {
  const auto* usual = path == "-" && is_terminal(STDOUT_FILENO) ? "table" : "jsonl";
  const auto& formats = record_formats();
  return *std::find_if(formats.begin(), formats.end(), [&](const RecordFormat& format) {
    return format.name == (asked.empty() ? usual : asked);
  });
}

TableStyle table_style(const std::string& path, const std::vector<std::string>& labels) {
  if (path != "-") return {.columns = 0, .color = false, .labels = labels};
  return {.columns = columns_of(STDOUT_FILENO, 0),
          .color = allows_color(STDOUT_FILENO),
          .labels = labels};
}

// The inputs behind what the user named; what cannot be expanded fails like any other input.
std::vector<std::string> expand_inputs(
    const std::vector<std::string>& named, const InputKinds& kinds,
    const std::function<void(const std::string& input, const std::string& message)>& fail) {
  std::vector<std::string> inputs;
  for (const auto& name : named) {
    try {
      for (auto& input : expand_input(name, kinds)) inputs.push_back(std::move(input));
    } catch (const Error& error) {
      fail(name, error.what());
    }
  }
  return inputs;
}

// Of two models, what is said of TorchScript files concerns those that are files.
ModelOptions named(const MediaOptions& options, const std::string& name) {
  ModelOptions model = options.model;
  model.model = name;
  if (options.models.size() > 1 && std::filesystem::is_directory(name)) model.script = {};
  // Scores are made with it in any case; only a file may not open without it.
  if (options.makes_scores && !std::filesystem::is_regular_file(name)) {
    model.script.logit_scale.reset();
  }
  return model;
}

class ProgressDisplay {
 public:
  ProgressDisplay(Console& console, const std::vector<std::string>& inputs)
      : console_(console), line_(inputs, Clock::now()) {
    if (!inputs.empty()) draw();
  }

  void update(const Progress& progress) {
    line_.update(progress, Clock::now());
    draw();
  }

 private:
  void draw() {
    if (!console_.shows_progress()) return;
    console_.draw_progress(line_.text(console_.columns(), Clock::now()));
  }

  Console& console_;
  ProgressLine line_;
};

void note_demo(Surroundings surroundings) {
  surroundings.console.note(
      "no --model is given, so the small embedded demo models answer; real work wants real "
      "weights, such as --model openai/clip-vit-base-patch32");
}

}  // namespace

RecordOutput::RecordOutput(const std::string& path, const std::string& format,
                           const std::vector<std::string>& labels, Surroundings surroundings)
    : surroundings_(surroundings),
      format_(choose_format(format, path)),
      shares_terminal_(is_terminal(STDOUT_FILENO) && is_terminal(STDERR_FILENO)) {
  guarded([&] { file_ = std::make_unique<OutputFile>(path); });
  writer_ = make_record_writer(format_.name, file_->stream(), table_style(path, labels));
  surroundings_.interruption.set_last_act([this] { abandon(); });
}

RecordOutput::~RecordOutput() { surroundings_.interruption.set_last_act({}); }

void RecordOutput::abandon() noexcept {
  file_->abandon();
  surroundings_.console.try_clear_progress();
}

void RecordOutput::flush() {
  guarded([&] { file_->stream().flush(); });
}

void RecordOutput::commit() {
  guarded([&] {
    writer_->finish();
    file_->commit();
  });
  is_committed_ = true;
}

void RecordOutput::guarded(const std::function<void()>& act) {
  if (shares_terminal_) surroundings_.console.clear_progress();
  try {
    act();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw EarlyEnd{};
    // The numbers were not writable; the disk was.
    if (error.code() == ErrorCode::kInvalidData) throw;
    throw Failure(ExitCode::kNothingRan, error.what());
  }
}

ExitCode run_over_inputs(const MediaOptions& options, const InputKinds& kinds, RecordOutput& output,
                         Surroundings surroundings, const Job& job) {
  auto result = ExitCode::kDone;
  const auto fail = [&](const std::string& input, const std::string& message) {
    const std::string name = input == "-" ? "standard input" : input;
    surroundings.console.error(message.starts_with(name) ? message
                                                         : fmt::format("{}: {}", name, message));
    result = ExitCode::kSomeFailed;
  };
  const auto inputs = expand_inputs(options.inputs, kinds, fail);
  ProgressDisplay display(surroundings.console, inputs);
  auto run = run_options(options);
  run.stop = &surroundings.interruption.requested();
  run.on_progress = [&](const Progress& progress) {
    output.flush();
    display.update(progress);
  };
  try {
    job(inputs, run, [&](const std::string& input, const Error& error) {
      output.flush();
      fail(input, error.what());
    });
    output.flush();
    surroundings.console.clear_progress();
    // An old file is not replaced by an empty one because everything failed.
    if (result == ExitCode::kDone || output.holds_records()) output.commit();
  } catch (const EarlyEnd&) {
    surroundings.console.clear_progress();
  }
  return result;
}

Model open_model(const ModelOptions& options, Surroundings surroundings) {
  if (options.model.empty()) note_demo(surroundings);
  try {
    auto model = Model::open(options);
    give_back_holes();
    return model;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument) throw;
    throw Failure(ExitCode::kNothingRan, error.what());
  }
}

std::vector<Model> open_models(const MediaOptions& options,
                               const std::vector<std::string>& otherwise,
                               Surroundings surroundings) {
  if (options.models.empty()) note_demo(surroundings);
  std::vector<Model> models;
  for (const auto& name : options.models.empty() ? otherwise : options.models) {
    models.push_back(open_model(named(options, name), surroundings));
  }
  return models;
}

InputKinds kinds_for(const std::vector<Model>& models) {
  InputKinds kinds{.seen = false, .heard = false};
  for (const auto& model : models) {
    kinds.seen = kinds.seen || model.info().sees;
    kinds.heard = kinds.heard || model.info().hears;
  }
  return kinds;
}

}  // namespace clipclap::cli
