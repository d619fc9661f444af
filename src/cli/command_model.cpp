#include <memory>
#include <string>

#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/json.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

struct ModelInfoOptions {
  ModelOptions model;
  std::string format = "table";
};

constexpr auto kExamples = R"(
Examples:
  clipclap model info
  clipclap model info openai/clip-vit-base-patch32
  clipclap model info ./my-checkpoint --format json
)";

std::string with_thousands(std::size_t number) {
  auto digits = fmt::format("{}", number);
  for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > 0; place -= 3) {
    digits.insert(static_cast<std::size_t>(place), ",");
  }
  return digits;
}

std::string senses(const ModelInfo& info) {
  if (info.sees && info.hears) return "sees and hears";
  return info.hears ? "hears" : "sees";
}

std::string to_table(const ModelInfo& info) {
  std::string table;
  const auto row = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) table += fmt::format("{:<14}{}\n", name, one_line(text));
  };
  row("model", info.name);
  row("family", fmt::format("{} ({}), {}", info.family, info.architecture, senses(info)));
  if (info.sees) {
    row("pictures",
        fmt::format("{0}×{0} pixels in patches of {1}", info.image_size, info.patch_size));
    row("vision tower", fmt::format("{} layers, {} wide", info.vision_layers, info.vision_width));
  }
  row("text tower", fmt::format("{} layers, {} wide, at most {} tokens", info.text_layers,
                                info.text_width, info.text_length));
  row("tokenizer", info.tokenizer);
  row("embedding", fmt::format("{} numbers", info.embedding_dimension));
  row("score", fmt::format("{} of {:.4g} × cosine", info.score, info.logit_scale));
  row("parameters",
      fmt::format("{}, stored as {}", with_thousands(info.parameters), info.data_type));
  return table;
}

ExitCode run_model_info(const ModelInfoOptions& options) {
  try {
    const auto model = Model::open(options.model);
    print(options.format == "json" ? to_json(model.info()) + '\n' : to_table(model.info()));
  } catch (const Error& error) {
    throw Failure(ExitCode::kNothingRan, error.what());
  }
  return ExitCode::kDone;
}

}  // namespace

void add_model_command(CLI::App& program, Run& selected) {
  auto* command = program.add_subcommand("model", "Look at a model, or fetch one");
  auto* info = command->add_subcommand("info", "Print what a checkpoint is made of");
  const auto options = std::make_shared<ModelInfoOptions>();
  add_value(*info, "DIR", value::kModel, kModelHelp, [options](const std::string& text) {
    options->model.model = text;
  })->group("Model");
  add_choice(*info, "--format", {"table", "json"}, "how to print it (default: table)",
             options->format)
      ->group("Output");
  info->footer(kExamples);
  info->callback([options, &selected] {
    selected = [options](Surroundings) { return run_model_info(*options); };
  });
  add_model_pull_command(*command, selected);
}

}  // namespace clipclap::cli
