#include "cli/options.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "cli/arguments.h"
#include "cli/exit_code.h"

namespace clipclap::cli {
namespace {

enum class Count { kOnce, kRepeated, kList };

std::string main_name(const std::string& names) {
  // "-o,--output" is spoken of by its long name.
  const auto comma = names.rfind(',');
  return comma == std::string::npos ? names : names.substr(comma + 1);
}

// The values are taken as the strings they are: CLI11's own conversions know "{}" and "[…]" as
// containers and numbers with quotes or digits' separators.
CLI::Option* add(CLI::App& command, const std::string& names, const std::string& value_name,
                 const std::string& help, TakeValue take, Count count) {
  const auto name = main_name(names);
  const auto take_all = [&command, name, take = std::move(take),
                         count](const CLI::results_t& values) {
    if (count == Count::kOnce && values.size() > 1) {
      throw_usage(command, fmt::format("{} is given {} times", name, values.size()));
    }
    for (const auto& value : values) {
      try {
        take(unshield(value));
      } catch (const Error& error) {
        throw Failure(ExitCode::kUsage, fmt::format("{}: {}", name, error.what()));
      }
    }
    return true;
  };
  auto* option = command.add_option(names, CLI::callback_t(take_all), help);
  option->type_name(value_name)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  if (count == Count::kList) {
    option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
  }
  return option;
}

template <class Number>
Number read_in_range(const std::string& text, Range<Number> range, std::string_view kind) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  const bool is_number = result.ec == std::errc() && result.ptr == end;
  // Written so that NaN is refused, too.
  const bool lies_within = number >= range.least && number <= range.most;
  if (!is_number || !lies_within) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not {} from {} to {}", text, kind, range.least, range.most));
  }
  return number;
}

}  // namespace

CLI::Option* add_value(CLI::App& command, const std::string& names, const std::string& value_name,
                       const std::string& help, TakeValue take) {
  return add(command, names, value_name, help, std::move(take), Count::kOnce);
}

CLI::Option* add_repeated(CLI::App& command, const std::string& names,
                          const std::string& value_name, const std::string& help, TakeValue take) {
  return add(command, names, value_name, help, std::move(take), Count::kRepeated);
}

CLI::Option* add_list(CLI::App& command, const std::string& names, const std::string& value_name,
                      const std::string& help, TakeValue take) {
  return add(command, names, value_name, help, std::move(take), Count::kList);
}

CLI::Option* add_flag(CLI::App& command, const std::string& names, const std::string& help,
                      bool& target) {
  return command.add_flag_callback(
      names, [&target] { target = true; }, help);
}

CLI::Option* add_choice(CLI::App& command, const std::string& names,
                        const std::vector<std::string>& choices, const std::string& help,
                        std::string& target) {
  return add_value(command, names, fmt::format("{}", fmt::join(choices, "|")), help,
                   [choices, &target](const std::string& text) {
                     if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
                       throw Error(
                           ErrorCode::kInvalidArgument,
                           fmt::format("\"{}\" is none of {}", text, fmt::join(choices, ", ")));
                     }
                     target = text;
                   });
}

long read_whole_number(const std::string& text, Range<long> range) {
  return read_in_range(text, range, "a whole number");
}

double read_number(const std::string& text, Range<double> range) {
  return read_in_range(text, range, "a number");
}

}  // namespace clipclap::cli
