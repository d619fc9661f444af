// Declares options: names, what the value is called, what it may be, one line of help.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace clipclap::cli {

/// How values are called in help. Completion goes by it, too.
namespace value {
inline constexpr auto kFile = "FILE";
inline constexpr auto kInput = "INPUT";
inline constexpr auto kPictureModel = "MODEL.pt";
inline constexpr auto kSource = "IN";
inline constexpr auto kTarget = "OUT";
inline constexpr auto kFolder = "DIR";
inline constexpr auto kModel = "MODEL";
inline constexpr auto kHubId = "ID";
inline constexpr auto kRevision = "REVISION";
inline constexpr auto kName = "NAME";
inline constexpr auto kTokenizer = "PATH";  ///< a folder or a file
inline constexpr auto kWords = "WORDS";     ///< or "@" and a file
inline constexpr auto kText = "TEXT";
inline constexpr auto kNumber = "N";
inline constexpr auto kReal = "X";
inline constexpr auto kStep = "STEP";
inline constexpr auto kTime = "TIME";
inline constexpr auto kStreams = "STREAMS";
}  // namespace value

/// Takes a value or throws Failure or Error (kInvalidArgument), which becomes a usage error that
/// names the option.
using TakeValue = std::function<void(const std::string&)>;

/// An option with a value that may be given once.
CLI::Option* add_value(CLI::App& command, const std::string& names, const std::string& value_name,
                       const std::string& help, TakeValue take);

/// One that may be given again and again.
CLI::Option* add_repeated(CLI::App& command, const std::string& names,
                          const std::string& value_name, const std::string& help, TakeValue take);

/// One that takes every word up to the next option; without dashes in its name: the command's
/// inputs.
CLI::Option* add_list(CLI::App& command, const std::string& names, const std::string& value_name,
                      const std::string& help, TakeValue take);

CLI::Option* add_flag(CLI::App& command, const std::string& names, const std::string& help,
                      bool& target);

/// One of `choices`.
CLI::Option* add_choice(CLI::App& command, const std::string& names,
                        const std::vector<std::string>& choices, const std::string& help,
                        std::string& target);

template <class Number>
struct Range {
  Number least;
  Number most;
};

/// The number that the whole text is. Throws Error (kInvalidArgument) that tells the range.
long read_whole_number(const std::string& text, Range<long> range);
double read_number(const std::string& text, Range<double> range);

}  // namespace clipclap::cli
