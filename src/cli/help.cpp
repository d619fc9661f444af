#include "cli/help.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/arguments.h"

namespace clipclap::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kNameWidth = 26;  // with the indent

constexpr auto kExitCodes = R"(
Exit codes: 0 done; 1 at least one input failed, the others are done; 2 a wrong
option, label list or template; 3 nothing could run (no model, no output, no
memory); 128 + N stopped by signal N (130: Ctrl-C).
)";

const auto kAll = [](const auto*) { return true; };

// CLI11 makes --help first and in a group called "Options"; ours all have groups of their own.
std::string group_of(const CLI::Option& option) {
  return option.get_group() == "Options" ? "Help" : option.get_group();
}

std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  auto options = command.get_options(kAll);
  std::stable_partition(options.begin(), options.end(),
                        [](const auto* option) { return group_of(*option) != "Help"; });
  return options;
}

// "  name      help that goes on below itself where it is long"
std::string entry(const std::string& name, const std::string& help) {
  std::string text;
  std::string line = "  " + name;
  const auto indent = [&] { line.resize(std::max(line.size(), kNameWidth), ' '); };
  const auto end_line = [&] {
    text += line + '\n';
    line.clear();
  };
  if (line.size() + 2 > kNameWidth) end_line();
  indent();
  for (std::size_t start = 0; start < help.size();) {
    const auto end = std::min(help.find(' ', start), help.size());
    const auto word = help.substr(start, end - start);
    const bool is_first = line.size() == kNameWidth;
    if (!is_first && line.size() + 1 + word.size() > kWidth) {
      end_line();
      indent();
    } else if (!is_first) {
      line += ' ';
    }
    line += word;
    start = end + 1;
  }
  end_line();
  return text;
}

std::string value_name(const CLI::Option& option) {
  const bool many = option.get_items_expected_max() > 1;
  return option.get_type_name() + (many ? "..." : "");
}

std::string option_name(const CLI::Option& option) {
  if (option.get_positional()) return value_name(option);
  std::string name;
  for (const auto& short_name : option.get_snames()) name += fmt::format("-{}, ", short_name);
  for (const auto& long_name : option.get_lnames()) name += fmt::format("--{}", long_name);
  if (option.get_items_expected_max() > 0) name += " " + value_name(option);
  return name;
}

std::string usage(const CLI::App& command) {
  auto line = fmt::format("Usage: {}", command_path(command));
  if (!command.get_subcommands(kAll).empty()) return line + " COMMAND [options]\n";
  for (const auto* option : options_of(command)) {
    if (!option->get_positional() && !option->get_required()) continue;
    const auto name = option_name(*option);
    line += option->get_required() ? " " + name : " [" + name + "]";
  }
  return line + " [options]\n";
}

std::string commands(const CLI::App& command) {
  const auto children = command.get_subcommands(kAll);
  if (children.empty()) return {};
  std::string text = "\nCommands:\n";
  for (const auto* child : children) {
    text += entry(child->get_name(), child->get_description());
  }
  return text;
}

std::string groups(const CLI::App& command) {
  std::string text;
  std::vector<std::string> done;
  for (const auto* leader : options_of(command)) {
    const auto group = group_of(*leader);
    if (std::find(done.begin(), done.end(), group) != done.end()) continue;
    done.push_back(group);
    text += fmt::format("\n{}:\n", group);
    for (const auto* option : options_of(command)) {
      if (group_of(*option) != group) continue;
      text += entry(option_name(*option), option->get_description());
    }
  }
  return text;
}

}  // namespace

std::string full_help(const CLI::App& command) {
  return fmt::format("{}\n\n{}{}{}{}{}", command.get_description(), usage(command),
                     commands(command), groups(command), command.get_footer(), kExitCodes);
}

std::string short_help(const CLI::App& command) {
  return fmt::format("{}{}\nMore: {} --help\n", usage(command), commands(command),
                     command_path(command));
}

}  // namespace clipclap::cli
