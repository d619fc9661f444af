#include "cli/completion.h"

#include <sstream>

#include "cli/options.h"

namespace clipclap::cli {
namespace {

CompletionValue describe_value(const CLI::Option& option) {
  using Kind = CompletionValue::Kind;
  if (option.get_items_expected_max() == 0) return {};
  const auto name = option.get_type_name();
  CompletionValue value{.kind = Kind::kFree, .name = name, .choices = {}};
  for (const auto* file : {value::kFile, value::kInput, value::kTokenizer, value::kPictureModel,
                           value::kSource, value::kTarget}) {
    if (name == file) value.kind = Kind::kFile;
  }
  if (name == value::kModel || name == value::kFolder) value.kind = Kind::kFolder;
  if (name == value::kWords) value.kind = Kind::kWords;
  if (name.find('|') != std::string::npos) {
    value.kind = Kind::kChoice;
    value.name = "choice";
    std::istringstream parts(name);
    for (std::string part; std::getline(parts, part, '|');) value.choices.push_back(part);
  }
  return value;
}

CompletionOption describe_option(const CLI::Option& option) {
  CompletionOption description{
      .names = {}, .help = option.get_description(), .value = describe_value(option)};
  for (const auto& name : option.get_snames()) description.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) description.names.push_back("--" + name);
  return description;
}

void describe(const CLI::App& command, const std::vector<std::string>& path,
              std::vector<CompletionCommand>& all) {
  const auto index = all.size();
  all.push_back({.path = path,
                 .help = command.get_description(),
                 .options = {},
                 .inputs = {},
                 .children = {}});
  for (const auto* option : command.get_options([](const CLI::Option*) { return true; })) {
    if (option->get_positional()) {
      all[index].inputs = describe_value(*option);
      all[index].many_inputs = option->get_items_expected_max() > 1;
    } else {
      all[index].options.push_back(describe_option(*option));
    }
  }
  for (const auto* child : command.get_subcommands([](const CLI::App*) { return true; })) {
    auto child_path = path;
    child_path.push_back(child->get_name());
    all[index].children.push_back(all.size());
    describe(*child, child_path, all);
  }
}

}  // namespace

std::vector<CompletionCommand> describe_commands(const CLI::App& program) {
  std::vector<CompletionCommand> all;
  describe(program, {}, all);
  return all;
}

const std::vector<Shell>& shells() {
  static const std::vector<Shell> all{
      {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};
  return all;
}

std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char character : text) {
    if (character == '\'') {
      quoted += R"('\'')";
    } else {
      quoted += character;
    }
  }
  return quoted + "'";
}

}  // namespace clipclap::cli
