#include <memory>
#include <string>

#include <clipclap/error.h>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

constexpr auto kExamples = R"(
Examples:
  source <(clipclap completion bash)      in ~/.bashrc
  source <(clipclap completion zsh)       in ~/.zshrc, after compinit
  clipclap completion fish | source       in ~/.config/fish/config.fish
)";

}  // namespace

void add_completion_command(CLI::App& program, Run& selected) {
  auto* command =
      program.add_subcommand("completion", "Print the script that completes clipclap in a shell");
  const auto shell = std::make_shared<std::string>();
  std::vector<std::string> names;
  for (const auto& known : shells()) names.emplace_back(known.name);
  add_choice(*command, "SHELL", names, "the shell", *shell)->required()->group("Shell");
  command->footer(kExamples);
  command->callback([&program, shell, &selected] {
    // Made at once: the tree of commands is gone when commands run.
    for (const auto& known : shells()) {
      if (known.name != *shell) continue;
      selected = [script = known.script(describe_commands(program))](Surroundings) {
        print(script);
        return ExitCode::kDone;
      };
    }
  });
}

}  // namespace clipclap::cli
