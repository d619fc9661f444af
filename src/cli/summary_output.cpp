#include "cli/summary_output.h"

#include <clipclap/error.h>

#include "cli/exit_code.h"
#include "cli/media_run.h"

namespace clipclap::cli {
namespace {

constexpr double kUsualThreshold = 0.5;

template <class Work>
auto guarded(const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw EarlyEnd{};
    throw Failure(ExitCode::kNothingRan, error.what());
  }
}

}  // namespace

SummaryOutput::SummaryOutput(const SummaryOptions& options)
    : summary_(options.threshold.value_or(kUsualThreshold)),
      file_(guarded([&] { return OutputFile(options.path); })),
      format_(options.path.ends_with(".json") ? "json" : "csv") {}

void SummaryOutput::commit() {
  guarded([&] {
    file_.stream() << to_text(summary_.rows(), format_);
    file_.commit();
  });
}

}  // namespace clipclap::cli
