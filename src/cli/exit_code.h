// How the program ends. 128 + N says that signal N stopped it.
#pragma once

#include <stdexcept>
#include <string>

namespace clipclap::cli {

enum class ExitCode {
  kDone = 0,
  kSomeFailed = 1,  ///< at least one input failed; the others are done
  kUsage = 2,       ///< an option, value, label list or template that cannot be
  kNothingRan = 3,  ///< no model, nowhere to write, no memory
};

/// Ends the program with one line on stderr.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& line) : std::runtime_error(line), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

}  // namespace clipclap::cli
