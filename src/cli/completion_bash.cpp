#include <fmt/format.h>

#include "cli/completion.h"

namespace clipclap::cli {
namespace {

constexpr auto kHead =
    R"(# Completion of clipclap for bash. Load it with: source <(clipclap completion bash)

_clipclap_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# $1: -f for files, -d for folders; $2: what is there.
_clipclap_paths() {
  compopt -o filenames -o default 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

# $1: what is there, with or without its "@". Quoted here: readline would quote the "@", too.
_clipclap_label_files() {
  local path
  while IFS= read -r path; do
    if [[ -d $path ]]; then
      path+=/
      compopt -o nospace 2>/dev/null
    fi
    printf -v path %q "$path"
    COMPREPLY+=("@$path")
  done < <(compgen -f -- "${1#@}")
}

_clipclap() {
  local current=${COMP_WORDS[COMP_CWORD]} command= at= i=$COMP_CWORD
  COMPREPLY=()
  compopt +o default 2>/dev/null
  # Bash makes words of their own of the "=" in --format=table, the "@" in @words.txt and the "=@"
  # in --labels=@words.txt; what takes the place of the latter two begins with "@" all the same.
  [[ $current == ?(=)@ || ${COMP_WORDS[i-1]} == ?(=)@ ]] && at=1
  if [[ $current == @(=|@|=@) ]]; then
    [[ $current == =* ]] && i=$((i + 1))
    current=
  fi
  while [[ ${COMP_WORDS[i-1]} == @(=|@|=@) ]]; do i=$((i - 1)); done
  local previous=${COMP_WORDS[i-1]}
)";

std::string joined(const CompletionCommand& command) {
  return fmt::format("{}", fmt::join(command.path, " "));
}

std::string choose_command(const std::vector<CompletionCommand>& commands) {
  std::string script =
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n    case \"$command:${COMP_WORDS[i]}\" in\n";
  for (const auto& parent : commands) {
    for (const auto child : parent.children) {
      script += fmt::format("      {}) command={} ;;\n",
                            single_quoted(joined(parent) + ":" + commands[child].path.back()),
                            single_quoted(joined(commands[child])));
    }
  }
  return script + "    esac\n  done\n";
}

std::string complete_value(const CompletionValue& value) {
  using Kind = CompletionValue::Kind;
  switch (value.kind) {
    case Kind::kChoice:
      return fmt::format("_clipclap_words {} \"$current\"",
                         single_quoted(fmt::format("{}", fmt::join(value.choices, " "))));
    case Kind::kFile:
      return "_clipclap_paths -f \"$current\"";
    case Kind::kFolder:
      return "_clipclap_paths -d \"$current\"";
    case Kind::kWords:
      return "if [[ $at || $current == @* ]]; then _clipclap_label_files \"$current\"; fi";
    case Kind::kNone:
    case Kind::kFree:
      break;
  }
  return ":";
}

std::string complete_option_values(const std::vector<CompletionCommand>& commands) {
  std::string script = "  case \"$command:$previous\" in\n";
  for (const auto& command : commands) {
    for (const auto& option : command.options) {
      if (option.value.kind == CompletionValue::Kind::kNone) continue;
      std::string pattern;
      for (const auto& name : option.names) {
        pattern += (pattern.empty() ? "" : " | ") + single_quoted(joined(command) + ":" + name);
      }
      script += fmt::format("    {}) {}; return ;;\n", pattern, complete_value(option.value));
    }
  }
  return script + "  esac\n";
}

std::string complete_words(const std::vector<CompletionCommand>& commands) {
  std::string script = "  case \"$command\" in\n";
  for (const auto& command : commands) {
    std::vector<std::string> options;
    std::vector<std::string> children;
    children.reserve(command.children.size());
    for (const auto& option : command.options) {
      options.insert(options.end(), option.names.begin(), option.names.end());
    }
    for (const auto child : command.children) children.push_back(commands[child].path.back());
    const auto words = single_quoted(fmt::format("{}", fmt::join(options, " ")));
    const auto inputs =
        children.empty() ? complete_value(command.inputs)
                         : fmt::format("_clipclap_words {} \"$current\"",
                                       single_quoted(fmt::format("{}", fmt::join(children, " "))));
    script += fmt::format(
        "    {}) if [[ $current == -* ]]; then _clipclap_words {} \"$current\"; else {}; fi ;;\n",
        single_quoted(joined(command)), words, inputs);
  }
  return script + "  esac\n}\n\ncomplete -F _clipclap clipclap\n";
}

}  // namespace

std::string bash_completion(const std::vector<CompletionCommand>& commands) {
  return kHead + choose_command(commands) + complete_option_values(commands) +
         complete_words(commands);
}

}  // namespace clipclap::cli
