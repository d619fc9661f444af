#include "checkpoint/processor_document.h"

#include <fmt/format.h>

namespace clipclap::checkpoint {
namespace {

constexpr std::string_view kFile = "preprocessor_config.json";
constexpr std::string_view kProcessorFile = "processor_config.json";

}  // namespace

ProcessorDocument read_processor_document(const CheckpointFiles& files, std::string_view name,
                                          std::string_view what) {
  const auto file =
      files.contains(kFile) || !files.contains(kProcessorFile) ? kFile : kProcessorFile;
  if (!files.contains(file)) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("holds neither {} nor {}, which say how {} are prepared; copy the one "
                            "that belongs to the model into it",
                            kFile, kProcessorFile, what),
                files.name());
  }
  ProcessorDocument document{parse_json(files.text(file), files.describe(file)),
                             files.describe(file), ""};
  if (const auto* nested = document.fields().find(name)) {
    document.json = Json(*nested);
    document.prefix = fmt::format("{}.", name);
  } else if (file == kProcessorFile) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("has no {}, and there is no {}; copy the one that belongs to the model "
                            "into the folder",
                            name, kFile),
                document.origin);
  }
  return document;
}

}  // namespace clipclap::checkpoint
