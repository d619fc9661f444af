// The one exception type of clipclap.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <clipclap/export.h>

namespace clipclap {

enum class ErrorCode {
  kInvalidArgument,  ///< the caller asked for something that cannot be (an option, a label list)
  kNotFound,         ///< a file, a model or a stream that is not there
  kIo,               ///< the system refused to read or write
  kInvalidData,      ///< a media file, checkpoint or tokenizer whose contents are wrong
  kUnsupported,      ///< right, but not something this build can do
  kCancelled,        ///< the caller asked to stop
  kInternal,         ///< a bug in clipclap or a failure inside a dependency
};

/// The code's name in lower case, e.g. "invalid_data". Never empty.
CLIPCLAP_API std::string_view to_string(ErrorCode code) noexcept;

/// Thrown by every function of the library that cannot do what it says.
/// `context` names the file and the place in it; `message` says what is wrong and what to do.
class CLIPCLAP_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string message, std::string context = {});

  ErrorCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& context() const noexcept { return context_; }

 private:
  ErrorCode code_;
  std::string message_;
  std::string context_;
};

}  // namespace clipclap
