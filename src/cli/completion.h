// Shell completion, from the tree of commands and options, so that it cannot go stale.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace clipclap::cli {

/// What may stand as a value.
struct CompletionValue {
  enum class Kind { kNone, kChoice, kFile, kFolder, kWords, kFree };
  Kind kind = Kind::kNone;
  std::string name;                  ///< as help calls it
  std::vector<std::string> choices;  ///< of kChoice
};

struct CompletionOption {
  std::vector<std::string> names;  ///< with their dashes
  std::string help;
  CompletionValue value;
};

/// One command; the first one is the program itself.
struct CompletionCommand {
  std::vector<std::string> path;  ///< without the program's name: {"model", "info"}
  std::string help;
  std::vector<CompletionOption> options;
  CompletionValue inputs;
  bool many_inputs = false;
  std::vector<std::size_t> children;  ///< indices into the list of all
};

/// All commands, parents before their children.
std::vector<CompletionCommand> describe_commands(const CLI::App& program);

struct Shell {
  std::string_view name;
  std::string (*script)(const std::vector<CompletionCommand>& commands);
};

std::string bash_completion(const std::vector<CompletionCommand>& commands);
std::string zsh_completion(const std::vector<CompletionCommand>& commands);
std::string fish_completion(const std::vector<CompletionCommand>& commands);

/// Every shell there is a script for.
const std::vector<Shell>& shells();

/// The text in single quotes, as all three shells read it.
std::string single_quoted(std::string_view text);

}  // namespace clipclap::cli
