// The commands: each declares its options below `program` and, when it was called, leaves in
// `selected` what is to be run. Parsing and running stay apart.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "cli/exit_code.h"
#include "cli/media_run.h"

namespace clipclap::cli {

using Run = std::function<ExitCode(Surroundings)>;

void add_tag_command(CLI::App& program, Run& selected);
void add_embed_command(CLI::App& program, Run& selected);
void add_model_command(CLI::App& program, Run& selected);
/// Below `model`, the command of add_model_command().
void add_model_pull_command(CLI::App& model, Run& selected);
void add_bench_command(CLI::App& program, Run& selected);
void add_process_command(CLI::App& program, Run& selected);
void add_devices_command(CLI::App& program, Run& selected);
void add_tokenize_command(CLI::App& program, Run& selected);
void add_completion_command(CLI::App& program, Run& selected);

/// Writes text that is the whole answer to standard output. Throws Failure (kNothingRan).
void print(std::string_view text);

}  // namespace clipclap::cli
