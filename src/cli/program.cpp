#include "cli/program.h"

#include <algorithm>
#include <array>
#include <exception>
#include <new>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/log.h>
#include <clipclap/output_file.h>
#include <clipclap/version.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/help.h"
#include "cli/interruption.h"

namespace clipclap::cli {
namespace {

constexpr std::array kCommands{add_tag_command,      add_embed_command,     add_process_command,
                               add_model_command,    add_devices_command,   add_bench_command,
                               add_tokenize_command, add_completion_command};

constexpr auto kFooter = R"(
Examples:
  clipclap tag holiday.mp4 --labels "beach,mountain,city"
  clipclap embed --text "a dog on a beach"
  clipclap model info openai/clip-vit-base-patch32
  source <(clipclap completion bash)

Results go to standard output, everything else to standard error.

"clipclap COMMAND --help" tells a command's options.
)";

std::string version_text() {
  const auto all = versions();
  return fmt::format("clipclap {}\nLibTorch {}\nFFmpeg {}\n", all.clipclap, all.libtorch,
                     all.ffmpeg);
}

// The innermost command that was parsed before help was asked for or something went wrong.
const CLI::App& innermost(const CLI::App& command) {
  const auto parsed = command.get_subcommands();
  return parsed.empty() ? command : innermost(*parsed.back());
}

std::string explain(const CLI::App& command, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const auto extras = command.remaining();
    if (!extras.empty()) return fmt::format("unexpected argument \"{}\"", unshield(extras.front()));
  }
  return error.what();
}

// Nothing where help or the version was asked for and is printed.
Run parse(CLI::App& program, const Run& selected, const std::vector<std::string>& arguments) {
  try {
    auto shielded = shield_arguments(program, arguments);
    std::reverse(shielded.begin(), shielded.end());  // as CLI11 wants them
    program.parse(shielded);
  } catch (const CLI::CallForHelp&) {
    print(full_help(innermost(program)));
    return {};
  } catch (const CLI::CallForVersion&) {
    print(version_text());
    return {};
  } catch (const CLI::ParseError& error) {
    const auto& command = innermost(program);
    throw_usage(command, explain(command, error));
  }
  if (selected) return selected;
  return [text = short_help(innermost(program))](Surroundings surroundings) {
    surroundings.console.show(text);
    return ExitCode::kUsage;
  };
}

ExitCode run(const std::vector<std::string>& arguments, Surroundings surroundings) {
  CLI::App program("clipclap says what is seen in pictures and videos, in your own words.",
                   "clipclap");
  program.set_help_flag("-h,--help", "print this help");
  // CLI11 takes the text at once; it is made only when it is asked for.
  program.set_version_flag(
      "--version", [] { return std::string(); },
      "print the versions of clipclap, LibTorch and FFmpeg");
  Run selected;
  for (const auto add_command : kCommands) add_command(program, selected);
  program.footer(kFooter);
  const auto chosen = parse(program, selected, arguments);
  return chosen ? chosen(surroundings) : ExitCode::kDone;
}

void route_library_messages(Console& console) {
  set_log_handler([&console](LogLevel level, std::string_view message) {
    if (level == LogLevel::kWarning) {
      console.warning(message);
    } else {
      console.information(message);
    }
  });
}

}  // namespace

void print(std::string_view text) {
  try {
    OutputFile output("-");
    output.stream() << text;
    output.commit();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw EarlyEnd{};
    throw Failure(ExitCode::kNothingRan, error.what());
  }
}

int run_program(const std::vector<std::string>& arguments) {
  auto& interruption = Interruption::install();
  // Not destroyed: the interruption's thread may still speak while the process ends.
  auto& console = *new Console;
  const auto fail = [&](ExitCode code, std::string_view text) {
    console.error(text);
    return static_cast<int>(code);
  };
  route_library_messages(console);
  try {
    return static_cast<int>(run(arguments, {console, interruption}));
  } catch (const EarlyEnd&) {
    return static_cast<int>(ExitCode::kDone);
  } catch (const Failure& failure) {
    return fail(failure.code(), failure.what());
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled && interruption.requested()) {
      console.note("stopped");
      return interruption.exit_code();
    }
    const bool is_usage = error.code() == ErrorCode::kInvalidArgument;
    return fail(is_usage ? ExitCode::kUsage : ExitCode::kNothingRan, error.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::kNothingRan, "out of memory; a smaller --batch needs less");
  } catch (const std::exception& error) {
    return fail(ExitCode::kNothingRan, error.what());
  }
}

}  // namespace clipclap::cli
