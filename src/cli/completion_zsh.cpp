#include <fmt/format.h>

#include "cli/completion.h"

namespace clipclap::cli {
namespace {

std::string function_name(const CompletionCommand& command) {
  std::string name = "_clipclap";
  for (const auto& word : command.path) name += "_" + word;
  return name;
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (const char character : text) {
    if (special.find(character) != std::string_view::npos) result += '\\';
    result += character;
  }
  return result;
}

std::string action(const CompletionValue& value) {
  using Kind = CompletionValue::Kind;
  switch (value.kind) {
    case Kind::kChoice:
      return fmt::format("({})", fmt::join(value.choices, " "));
    case Kind::kFile:
      return "_files";
    case Kind::kFolder:
      return "_files -/";
    case Kind::kWords:
      return "{ compset -P @ && _files }";
    case Kind::kNone:
    case Kind::kFree:
      break;
  }
  return " ";
}

std::string option_specs(const CompletionOption& option) {
  std::string specs;
  for (const auto& name : option.names) {
    auto spec = fmt::format("*{}[{}]", name, escaped(option.help, "[]\\"));
    if (option.value.kind != CompletionValue::Kind::kNone) {
      spec += fmt::format(":{}:{}", option.value.name, action(option.value));
    }
    specs += fmt::format("    {} \\\n", single_quoted(spec));
  }
  return specs;
}

std::string leaf(const CompletionCommand& command) {
  auto script = fmt::format("{}() {{\n  _arguments -s -S \\\n", function_name(command));
  for (const auto& option : command.options) script += option_specs(option);
  if (command.inputs.kind != CompletionValue::Kind::kNone) {
    script += fmt::format("    {} \\\n",
                          single_quoted(fmt::format("{}:{}:{}", command.many_inputs ? "*" : "1",
                                                    command.inputs.name, action(command.inputs))));
  }
  return script + "    && return 0\n}\n\n";
}

std::string branch(const CompletionCommand& command,
                   const std::vector<CompletionCommand>& commands) {
  auto script = fmt::format(
      "{}() {{\n  local curcontext=$curcontext state state_descr line\n  typeset -A opt_args\n"
      "  local -a commands=(\n",
      function_name(command));
  for (const auto index : command.children) {
    const auto& child = commands[index];
    script += fmt::format("    {}\n", single_quoted(fmt::format("{}:{}", child.path.back(),
                                                                escaped(child.help, ":\\"))));
  }
  script += "  )\n  _arguments -C -s \\\n";
  for (const auto& option : command.options) script += option_specs(option);
  script +=
      "    '1:command:->command' \\\n    '*::argument:->argument' \\\n    && return 0\n"
      "  case $state in\n    command) _describe command commands ;;\n"
      "    argument)\n      case $words[1] in\n";
  for (const auto index : command.children) {
    const auto& child = commands[index];
    script += fmt::format("        {}) {} ;;\n", child.path.back(), function_name(child));
  }
  return script + "      esac ;;\n  esac\n}\n\n";
}

}  // namespace

std::string zsh_completion(const std::vector<CompletionCommand>& commands) {
  std::string script =
      "#compdef clipclap\n"
      "# Completion of clipclap for zsh. Load it with: source <(clipclap completion zsh)\n"
      "# or keep it as _clipclap in a folder of $fpath.\n\n";
  for (const auto& command : commands) {
    script += command.children.empty() ? leaf(command) : branch(command, commands);
  }
  // As a file of $fpath the script is the function's body; sourced, it registers the function.
  return script +
         "if [[ $funcstack[1] == _clipclap ]]; then\n  _clipclap \"$@\"\nelse\n"
         "  compdef _clipclap clipclap\nfi\n";
}

}  // namespace clipclap::cli
