#include <memory>
#include <string>
#include <vector>

#include <clipclap/error.h>
#include <clipclap/json.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

struct TokenizeOptions {
  ModelOptions model;
  TokenizerOptions tokenizer;
  std::vector<std::string> texts;
  TalkOptions talk;

  bool takes_tokenizer_alone() const { return model.model.empty() && !tokenizer.tokenizer.empty(); }
};

constexpr auto kExamples = R"(
Examples:
  clipclap tokenize --text "a photo of a cat" --model openai/clip-vit-base-patch32
  clipclap tokenize --text "a cat" "a dog" --tokenizer tokenizer.json
  clipclap tokenize --text "a cat" --tokenizer spiece.model --family siglip
)";

Tokenizer open_tokenizer(const TokenizerOptions& options) {
  try {
    return Tokenizer::open(options);
  } catch (const Error& error) {
    throw Failure(ExitCode::kNothingRan, error.what());
  }
}

/// One line a text.
template <class Source>
void print_tokens(const Source& source, const std::vector<std::string>& texts) {
  std::string lines;
  for (const auto& text : texts) lines += to_json(source.tokenize(text)) + '\n';
  print(lines);
}

ExitCode run_tokenize(const TokenizeOptions& options, Surroundings surroundings) {
  if (options.takes_tokenizer_alone()) {
    print_tokens(open_tokenizer(options.tokenizer), options.texts);
  } else {
    auto model = options.model;
    model.script.tokenizer = options.tokenizer.tokenizer;
    print_tokens(open_model(model, surroundings), options.texts);
  }
  return ExitCode::kDone;
}

void add_source_options(CLI::App& command, TokenizeOptions& options) {
  add_value(command, "--model", value::kModel, kModelHelp, [&](const std::string& text) {
    options.model.model = text;
  })->group("Model");
  add_value(command, "--tokenizer", value::kTokenizer,
            "of a model that has none, or alone: a folder, a tokenizer.json, a SentencePiece model",
            [&](const std::string& text) { options.tokenizer.tokenizer = text; })
      ->group("Model");
  add_choice(command, "--family",
             {"clip", "roberta", "gpt2", "msclap", "siglip", "siglip2", "open_clip", "open_clip_hf",
              "plain"},
             "whose rules to follow, where the tokenizer's files do not tell",
             options.tokenizer.family)
      ->group("Model");
}

void check_sources(const CLI::App& command, const TokenizeOptions& options) {
  const auto given = [&](const char* name) { return command.count(name) > 0; };
  if (given("--tokenizer") && options.tokenizer.tokenizer.empty()) {
    throw_usage(command, "the value of --tokenizer is empty");
  }
  if (given("--family") && !options.takes_tokenizer_alone()) {
    throw_usage(command, "--family goes with --tokenizer alone");
  }
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
  add_source_options(*command, *options);
  add_talk_options(*command, options->talk);
  command->footer(kExamples);
  command->callback([command, options, &selected] {
    check_sources(*command, *options);
    selected = [options](Surroundings surroundings) {
      surroundings.console.set_talk(options->talk);
      return run_tokenize(*options, surroundings);
    };
  });
}

}  // namespace clipclap::cli
