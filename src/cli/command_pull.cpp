#include <memory>
#include <string>

#include <clipclap/hub.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/download_line.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

struct ModelPullOptions {
  PullOptions pull;
  TalkOptions talk;
};

constexpr auto kExamples = R"(
The files go into the local Hugging Face cache, where the other commands and
Python's tools find them by ID; nothing is fetched twice. What is broken off goes
on from there the next time. The folder is printed at the end.

Environment: HF_TOKEN for repositories that are private or ask for terms,
HF_HUB_CACHE or HF_HOME for where the cache is, HF_ENDPOINT for another hub,
https_proxy and no_proxy.

Examples:
  clipclap model pull openai/clip-vit-base-patch32
  clipclap model pull google/siglip-base-patch16-224 --into ./siglip
  clipclap model pull laion/clap-htsat-unfused --revision main --quiet
)";

ExitCode run_model_pull(const ModelPullOptions& options, Surroundings surroundings) {
  auto& console = surroundings.console;
  auto pull = options.pull;
  DownloadLine line;
  pull.stop = &surroundings.interruption.requested();
  pull.on_progress = [&](const PullProgress& progress) {
    line.update(progress, DownloadLine::Clock::now());
    if (console.shows_progress()) console.draw_progress(line.text(console.columns()));
  };
  surroundings.interruption.set_last_act([&console] { console.try_clear_progress(); });
  const auto model = pull_model(pull);
  console.clear_progress();
  print(model.folder + '\n');
  return ExitCode::kDone;
}

}  // namespace

void add_model_pull_command(CLI::App& model, Run& selected) {
  auto* command = model.add_subcommand("pull", "Fetch a checkpoint from the Hugging Face hub");
  const auto options = std::make_shared<ModelPullOptions>();
  auto& pull = options->pull;
  add_value(*command, "ID", value::kHubId, "owner/name on the hub; @revision may follow",
            [&pull](const std::string& text) { pull.id = text; })
      ->required()
      ->group("Model");
  add_value(*command, "--revision", value::kRevision,
            "a branch, a tag or a commit hash (default: main)",
            [&pull](const std::string& text) { pull.revision = text; })
      ->group("Model");
  add_repeated(*command, "--weights", value::kName,
               "weights of the repository to fetch, where it has several (default: "
               "model.safetensors, else what comes closest); may be repeated",
               [&pull](const std::string& text) { pull.weights.push_back(text); })
      ->group("Model");
  add_value(*command, "--into", value::kFolder,
            "write plain files into a folder (default: the Hugging Face cache)",
            [&pull](const std::string& text) { pull.into = text; })
      ->group("Output");
  add_talk_options(*command, options->talk);
  command->footer(kExamples);
  command->callback([command, options, &selected] {
    const auto given = [&](const char* name) { return command->count(name) > 0; };
    if ((given("--into") && options->pull.into.empty()) ||
        (given("--revision") && options->pull.revision.empty())) {
      throw_usage(*command, "--into and --revision cannot be empty");
    }
    selected = [options](Surroundings surroundings) {
      surroundings.console.set_talk(options->talk);
      return run_model_pull(*options, surroundings);
    };
  });
}

}  // namespace clipclap::cli
