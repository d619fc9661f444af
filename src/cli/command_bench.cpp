#include <memory>
#include <string>

#include <fmt/format.h>

#include <clipclap/benchmark.h>
#include <clipclap/error.h>
#include <clipclap/json.h>

#include "cli/commands.h"
#include "cli/media_options.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

struct BenchOptions {
  ModelOptions model;
  BenchmarkOptions benchmark;
  std::string format = "table";
};

constexpr Range<double> kSecondsRange{0.1, 3600};

constexpr auto kExamples = R"(
Examples:
  clipclap bench
  clipclap bench --model openai/clip-vit-base-patch32 --precision bf16
  clipclap bench --batch 1 --seconds 2 --format json
)";

std::string to_table(const BenchmarkResult& result) {
  const auto& rate = result.items_per_second;
  auto table = fmt::format(
      "{:<14}{}\n{:<14}{}, batches of {} on each of {} threads\n"
      "{:<14}{:.1f} a second (median of {} rounds; {:.1f} to {:.1f})\n",
      "model", result.model, "computed as", result.precision, result.batch, result.threads,
      result.items, rate.median, result.rounds, rate.lowest, rate.highest);
  if (result.roofline_share) {
    table += fmt::format("{:<14}{:.0f} % of what its matrix products alone reach here\n",
                         "roofline", 100 * result.roofline_share->median);
  }
  return table;
}

ExitCode run_bench(const BenchOptions& options, Surroundings surroundings) {
  const auto model = open_model(options.model, surroundings);
  auto benchmark_options = options.benchmark;
  benchmark_options.stop = &surroundings.interruption.requested();
  const auto result = benchmark(model, benchmark_options);
  print(options.format == "json" ? to_json(result) + '\n' : to_table(result));
  return ExitCode::kDone;
}

}  // namespace

void add_bench_command(CLI::App& program, Run& selected) {
  auto* command = program.add_subcommand("bench", "Measure how fast a model is on this machine");
  const auto options = std::make_shared<BenchOptions>();
  add_value(*command, "--model", value::kModel, kModelHelp, [options](const std::string& text) {
    options->model.model = text;
  })->group("Model");
  add_threads_option(*command, options->model);
  add_device_option(*command, options->model);
  add_precision_option(*command, options->model);
  add_script_options(*command, options->model.script);
  add_batch_option(*command, options->benchmark.batch);
  add_value(*command, "--seconds", value::kReal, "how long to measure, about (default: 5)",
            [options](const std::string& text) {
              options->benchmark.seconds = read_number(text, kSecondsRange);
            })
      ->group("Measuring");
  add_choice(*command, "--format", {"table", "json"}, "how to print it (default: table)",
             options->format)
      ->group("Output");
  command->footer(kExamples);
  command->callback([options, &selected] {
    selected = [options](Surroundings surroundings) { return run_bench(*options, surroundings); };
  });
}

}  // namespace clipclap::cli
