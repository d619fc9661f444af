// Loading TorchScript, and what its failures say.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <utility>

#include <ATen/core/Tensor.h>
#include <torch/script.h>

#include <clipclap/error.h>

namespace clipclap::model {

/// The module, ready for inference. Throws Error (kInvalidData) for what is no TorchScript.
torch::jit::Module load_script(const std::string& path, at::Device device);

/// The failure of the module of `path` with such an input.
Error failure_on(const at::Tensor& input, const std::exception& failure, const std::string& path);

/// Calls a module of `path` with `input`. LibTorch's exceptions become Error (kInternal) of one
/// line.
template <typename Call>
auto with_script(const std::string& path, const at::Tensor& input, Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& failure) {
    throw failure_on(input, failure, path);
  }
}

}  // namespace clipclap::model
