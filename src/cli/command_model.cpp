#include <cmath>
#include <memory>
#include <string>

#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/json.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/media_options.h"
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

std::string picture_size(const ModelInfo& info) {
  if (info.image_size == 0) {
    return fmt::format("in their own shape, at most {0} patches of {1}×{1} pixels",
                       info.patch_limit, info.patch_size);
  }
  return fmt::format("{0}×{0} pixels in patches of {1}", info.image_size, info.patch_size);
}

std::string score_formula(const ModelInfo& info) {
  auto formula = fmt::format("{} of {:.4g} × cosine", info.score, info.logit_scale);
  if (info.logit_bias != 0) {
    formula +=
        fmt::format(" {} {:.4g}", info.logit_bias < 0 ? "-" : "+", std::abs(info.logit_bias));
  }
  return formula;
}

std::string to_table(const ModelInfo& info) {
  std::string table;
  const auto row = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) table += fmt::format("{:<14}{}\n", name, one_line(text));
  };
  row("model", info.name);
  row("family", fmt::format("{} ({}), {}", info.family, info.architecture, senses(info)));
  if (info.sees) {
    row("pictures", picture_size(info));
    row("vision tower", fmt::format("{} layers, {} wide", info.vision_layers, info.vision_width));
  }
  if (info.hears) {
    row("sounds", fmt::format("{} Hz, windows of {:.4g} s", info.sample_rate, info.window_seconds));
    row("audio tower", fmt::format("{} layers, {} wide", info.audio_layers, info.audio_width));
  }
  row("text tower", fmt::format("{} layers, {} wide, at most {} tokens", info.text_layers,
                                info.text_width, info.text_length));
  row("tokenizer", info.tokenizer);
  row("embedding", fmt::format("{} numbers", info.embedding_dimension));
  row("score", score_formula(info));
  row("parameters", fmt::format("{}, stored as {}, computed as {}", with_thousands(info.parameters),
                                info.data_type, info.precision));
  return table;
}

ExitCode run_model_list() {
  std::string table;
  const auto line = [&](auto... cells) {
    table += fmt::format("{:<18}{:<17}{:<24}{:<10}{:<26}{}\n", cells...);
  };
  line("NAME", "FAMILY", "PACKAGING", "SENSES", "TEXT", "SCORE");
  for (const auto& row : known_architectures()) {
    line(row.name, row.family, row.packaging, row.senses, row.text, row.score);
  }
  print(table);
  return ExitCode::kDone;
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
  auto* list = command->add_subcommand("list", "Print the kinds of checkpoints that are known");
  list->callback([&selected] { selected = [](Surroundings) { return run_model_list(); }; });

  auto* info = command->add_subcommand("info", "Print what a checkpoint is made of");
  const auto options = std::make_shared<ModelInfoOptions>();
  add_value(*info, "DIR", value::kModel, kModelHelp, [options](const std::string& text) {
    options->model.model = text;
  })->group("Model");
  add_precision_option(*info, options->model);
  add_script_options(*info, options->model.script);
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
