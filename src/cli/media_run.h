// The loop over inputs that `tag` and `embed` share.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <clipclap/output_file.h>
#include <clipclap/records.h>

#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/interruption.h"
#include "cli/media_options.h"
#include "cli/progress_line.h"

namespace clipclap::cli {

/// What a command needs of the program around it.
struct Surroundings {
  Console& console;
  Interruption& interruption;
};

/// An open output in one form. Failures to write end the program: they are thrown as Failure
/// (kNothingRan), or as EarlyEnd where the reader has had enough.
class RecordOutput {
 public:
  /// `format` may be empty: a table on a terminal, else JSON lines. Throws Failure (kNothingRan).
  RecordOutput(const std::string& path, const std::string& format,
               const std::vector<std::string>& labels, Surroundings surroundings);
  ~RecordOutput();
  RecordOutput(const RecordOutput&) = delete;
  RecordOutput& operator=(const RecordOutput&) = delete;

  const RecordFormat& format() const { return format_; }

  template <class Record>
  void write(const Record& record) {
    guarded([&] { writer_->write(record); });
    holds_records_ = true;
  }
  void flush();
  void commit();
  /// What is left to do where the process is ended by force, from any thread.
  void abandon() noexcept;
  bool holds_records() const { return holds_records_; }
  bool is_committed() const { return is_committed_; }

 private:
  void guarded(const std::function<void()>& act);

  Surroundings surroundings_;
  RecordFormat format_;
  bool shares_terminal_;
  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<RecordWriter> writer_;
  bool holds_records_ = false;
  bool is_committed_ = false;
};

/// The reader of the output has gone: what is left to do is of no use to anybody.
struct EarlyEnd {};

/// Does the inputs.
using Job = std::function<void(std::span<const std::string> inputs, const RunOptions& options,
                               const InputFailure& on_failure)>;

/// Runs `job` over all inputs, one line on stderr for each that fails, and commits the output.
/// Ends early where the reader of the output has gone. Throws Failure, and Error (kCancelled) when
/// interrupted.
ExitCode run_over_inputs(const MediaOptions& options, const InputKinds& kinds, RecordOutput& output,
                         Surroundings surroundings, const Job& job);

/// Opens the named models, `otherwise` embedded ones with a word on them. Throws Failure
/// (kNothingRan).
std::vector<Model> open_models(const MediaOptions& options,
                               const std::vector<std::string>& otherwise,
                               Surroundings surroundings);

/// The same for one, otherwise the first of the embedded. Throws Failure (kNothingRan).
Model open_model(const ModelOptions& options, Surroundings surroundings);

/// What these models take.
InputKinds kinds_for(const std::vector<Model>& models);

}  // namespace clipclap::cli
