#include <fmt/format.h>

#include "cli/completion.h"

namespace clipclap::cli {
namespace {

// True where the command line stands in this command: all words of its path, no child's name yet.
std::string condition(const CompletionCommand& command,
                      const std::vector<CompletionCommand>& commands) {
  std::string text;
  const auto also = [&](const std::string& part) { text += (text.empty() ? "" : "; and ") + part; };
  for (const auto& word : command.path) also("__fish_seen_subcommand_from " + word);
  std::vector<std::string> children;
  children.reserve(command.children.size());
  for (const auto child : command.children) children.push_back(commands[child].path.back());
  if (!children.empty()) {
    also(fmt::format("not __fish_seen_subcommand_from {}", fmt::join(children, " ")));
  }
  return single_quoted(text);
}

std::string value_arguments(const CompletionValue& value) {
  using Kind = CompletionValue::Kind;
  switch (value.kind) {
    case Kind::kNone:
      return "";
    case Kind::kChoice:
      return fmt::format(" -x -a {}",
                         single_quoted(fmt::format("{}", fmt::join(value.choices, " "))));
    case Kind::kFile:
      return " -r -F";
    case Kind::kFolder:
      return " -x -a '(__fish_complete_directories)'";
    case Kind::kWords:
      return " -x -a '(__clipclap_label_files)'";
    case Kind::kFree:
      return " -x";
  }
  return "";
}

std::string option_line(const CompletionOption& option, const std::string& when) {
  auto line = fmt::format("complete -c clipclap -n {}", when);
  for (const auto& name : option.names) {
    const bool is_long = name.starts_with("--");
    line += fmt::format(" -{} {}", is_long ? 'l' : 's', name.substr(is_long ? 2 : 1));
  }
  return line + value_arguments(option.value) + fmt::format(" -d {}\n", single_quoted(option.help));
}

}  // namespace

std::string fish_completion(const std::vector<CompletionCommand>& commands) {
  std::string script =
      "# Completion of clipclap for fish. Load it with: clipclap completion fish | source\n\n"
      "function __clipclap_label_files\n"
      "  set -l word (commandline -ct)\n"
      "  if string match -q '@*' -- $word\n"
      "    for path in (__fish_complete_path (string sub -s 2 -- $word))\n"
      "      echo \"@$path\"\n"
      "    end\n"
      "  end\n"
      "end\n\n"
      "complete -c clipclap -f\n";
  for (const auto& command : commands) {
    const auto when = condition(command, commands);
    for (const auto index : command.children) {
      const auto& child = commands[index];
      script += fmt::format("complete -c clipclap -n {} -a {} -d {}\n", when, child.path.back(),
                            single_quoted(child.help));
    }
    for (const auto& option : command.options) script += option_line(option, when);
    const auto& inputs = command.inputs;
    if (inputs.kind == CompletionValue::Kind::kFile) {
      script += fmt::format("complete -c clipclap -n {} -F\n", when);
    } else if (inputs.kind != CompletionValue::Kind::kNone) {
      script += fmt::format("complete -c clipclap -n {}{}\n", when, value_arguments(inputs));
    }
  }
  return script;
}

}  // namespace clipclap::cli
