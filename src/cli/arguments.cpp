#include "cli/arguments.h"

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/suggestion.h"

namespace clipclap::cli {
namespace {

constexpr char kShield = '\x01';

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// Walks the arguments as CLI11 will, along the same tree of commands and options.
class Shielding {
 public:
  Shielding(const CLI::App& program, const std::vector<std::string>& arguments)
      : command_(&program), arguments_(arguments) {}

  std::vector<std::string> run() {
    bool options_ended = false;
    while (next_ < arguments_.size()) {
      const auto& argument = arguments_[next_++];
      if (options_ended || argument == "-" || !argument.starts_with('-')) {
        take_word(argument);
      } else if (argument == "--") {
        options_ended = true;
      } else if (argument.starts_with("--")) {
        take_long_option(argument);
      } else {
        take_short_options(argument);
      }
    }
    return std::move(shielded_);
  }

 private:
  void take_word(const std::string& word) {
    const auto commands = command_->get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty()) {
      put_value(word);
      return;
    }
    std::vector<std::string> names;
    for (const auto* command : commands) {
      if (command->get_name() == word) {
        command_ = command;
        shielded_.push_back(word);
        return;
      }
      names.push_back(command->get_name());
    }
    throw_usage(*command_, fmt::format("there is no command \"{}\"{}", word, suggest(word, names)));
  }

  void take_long_option(const std::string& argument) {
    const auto equals = argument.find('=');
    const auto name = argument.substr(0, equals);
    const bool is_flag = !takes_value(find(name));
    shielded_.push_back(name);
    if (equals == std::string::npos) {
      if (!is_flag) take_value(name);
    } else if (is_flag) {
      throw_usage(*command_, fmt::format("{} takes no value", name));
    } else {
      put_value(argument.substr(equals + 1));
    }
  }

  // "-q", "-qo FILE", "-oFILE".
  void take_short_options(const std::string& argument) {
    for (std::size_t i = 1; i < argument.size(); ++i) {
      const std::string name{'-', argument[i]};
      const bool is_flag = !takes_value(find(name));
      shielded_.push_back(name);
      if (is_flag) continue;
      if (i + 1 < argument.size()) {
        put_value(argument.substr(i + 1));
      } else {
        take_value(name);
      }
      return;
    }
  }

  void take_value(const std::string& name) {
    if (next_ >= arguments_.size()) {
      throw_usage(*command_, fmt::format("{} needs a value", name));
    }
    put_value(arguments_[next_++]);
  }

  void put_value(const std::string& value) { shielded_.push_back(kShield + value); }

  const CLI::Option& find(const std::string& name) const {
    if (const auto* option = command_->get_option_no_throw(name)) return *option;
    std::vector<std::string> names;
    for (const auto* option : command_->get_options()) {
      for (const auto& known : option->get_lnames()) names.push_back("--" + known);
    }
    throw_usage(*command_, fmt::format("there is no option {}{}", name, suggest(name, names)));
  }

  const CLI::App* command_;
  const std::vector<std::string>& arguments_;
  std::size_t next_ = 0;
  std::vector<std::string> shielded_;
};

}  // namespace

std::vector<std::string> shield_arguments(const CLI::App& program,
                                          const std::vector<std::string>& arguments) {
  return Shielding(program, arguments).run();
}

std::string unshield(std::string_view value) {
  if (value.starts_with(kShield)) value.remove_prefix(1);
  return std::string(value);
}

std::string command_path(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent == nullptr ? command.get_name()
                           : fmt::format("{} {}", command_path(*parent), command.get_name());
}

void throw_usage(const CLI::App& command, std::string_view message) {
  const bool asks_back = message.ends_with('?');
  throw Failure(ExitCode::kUsage,
                asks_back ? std::string(message)
                          : fmt::format("{}; see {} --help", message, command_path(command)));
}

}  // namespace clipclap::cli
