#include "model/script/script_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace clipclap::model {
namespace {

// The line that tells what was wrong: TorchScript ends its traces with it.
std::string last_line(const std::exception& failure) {
  const auto* torch_failure = dynamic_cast<const c10::Error*>(&failure);
  std::string text =
      torch_failure != nullptr ? torch_failure->what_without_backtrace() : failure.what();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

torch::jit::Module load_script(const std::string& path, at::Device device) {
  try {
    auto module = torch::jit::load(path, device);
    module.eval();
    return module;
  } catch (const c10::Error& failure) {
    const std::string reason = failure.what_without_backtrace();
    throw Error(
        ErrorCode::kInvalidData,
        fmt::format("cannot be loaded as TorchScript: {}", reason.substr(0, reason.find('\n'))),
        path);
  }
}

Error failure_on(const at::Tensor& input, const std::exception& failure, const std::string& path) {
  return {ErrorCode::kInternal,
          fmt::format("fails on [{}]: {}", fmt::join(input.sizes(), ", "), last_line(failure)),
          path};
}

}  // namespace clipclap::model
