#include <memory>
#include <string>
#include <vector>

#include <clipclap/json.h>

#include "cli/commands.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

struct TokenizeOptions {
  ModelOptions model;
  std::vector<std::string> texts;
  TalkOptions talk;
};

constexpr auto kExamples = R"(
Examples:
  clipclap tokenize --text "a photo of a cat" --model openai/clip-vit-base-patch32
)";

ExitCode run_tokenize(const TokenizeOptions& options, Surroundings surroundings) {
  const auto model = open_model(options.model, surroundings);
  std::string lines;
  for (const auto& text : options.texts) lines += to_json(model.tokenize(text)) + '\n';
  print(lines);
  return ExitCode::kDone;
}

}  // namespace

void add_tokenize_command(CLI::App& program, Run& selected) {
  auto* command = program.add_subcommand(
      "tokenize", "Print what a model's tokenizer makes of texts: ids, mask and tokens");
  const auto options = std::make_shared<TokenizeOptions>();
  add_list(*command, "--text", value::kText, "a text; may be repeated",
           [options](const std::string& text) { options->texts.push_back(text); })
      ->required()
      ->group("Inputs");
  add_value(*command, "--model", value::kModel, kModelHelp, [options](const std::string& text) {
    options->model.model = text;
  })->group("Model");
  add_talk_options(*command, options->talk);
  command->footer(kExamples);
  command->callback([options, &selected] {
    selected = [options](Surroundings surroundings) {
      surroundings.console.set_talk(options->talk);
      return run_tokenize(*options, surroundings);
    };
  });
}

}  // namespace clipclap::cli
