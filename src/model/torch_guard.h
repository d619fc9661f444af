// What every entry into LibTorch needs: no autograd, and its errors as ours.
#pragma once

#include <string>
#include <utility>

#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <clipclap/error.h>

namespace clipclap::model {

/// Runs `work` without autograd. LibTorch's exceptions become Error (kInternal) with their first
/// line; `place` says what was being done.
template <typename Work>
auto with_torch(const std::string& place, Work&& work) {
  try {
    const c10::InferenceMode no_autograd;
    return std::forward<Work>(work)();
  } catch (const c10::Error& failure) {
    const std::string text = failure.what_without_backtrace();
    throw Error(ErrorCode::kInternal, text.substr(0, text.find('\n')), place);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kInternal, "out of memory; try a smaller batch", place);
  }
}

}  // namespace clipclap::model
