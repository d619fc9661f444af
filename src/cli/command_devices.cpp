#include <memory>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <clipclap/device.h>
#include <clipclap/json.h>
#include <clipclap/version.h>

#include "cli/commands.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

constexpr auto kExamples = R"(
Examples:
  clipclap devices
  clipclap devices --format json
)";

std::string memory(const DeviceInfo& device) {
  constexpr double kGibibyte = 1024.0 * 1024 * 1024;
  if (device.total_bytes == 0) return {};
  return fmt::format(", {:.1f} of {:.1f} GiB are free",
                     static_cast<double>(device.free_bytes) / kGibibyte,
                     static_cast<double>(device.total_bytes) / kGibibyte);
}

std::string to_table(const std::vector<DeviceInfo>& devices) {
  std::string table;
  for (const auto& device : devices) {
    const auto threads =
        device.threads > 0 ? fmt::format(", {} threads", device.threads) : std::string();
    table += fmt::format("{:<14}{}{}{}\n", device.name, fmt::join(device.precisions, " "), threads,
                         memory(device));
  }
  if (devices.size() == 1) {
    table += fmt::format("{:<14}LibTorch {} sees none; one that is built for them may\n", "GPUs",
                         versions().libtorch);
  }
  return table;
}

ExitCode run_devices(const std::string& format) {
  const auto devices = list_devices();
  print(format == "json" ? to_json(devices) + '\n' : to_table(devices));
  return ExitCode::kDone;
}

}  // namespace

void add_devices_command(CLI::App& program, Run& selected) {
  auto* command = program.add_subcommand("devices", "Print what models can compute on");
  const auto format = std::make_shared<std::string>("table");
  add_choice(*command, "--format", {"table", "json"}, "how to print it (default: table)", *format)
      ->group("Output");
  command->footer(kExamples);
  command->callback(
      [format, &selected] { selected = [format](Surroundings) { return run_devices(*format); }; });
}

}  // namespace clipclap::cli
