// What `tag --summary` writes.
#pragma once

#include <optional>
#include <string>

#include <clipclap/output_file.h>
#include <clipclap/summary.h>

namespace clipclap::cli {

struct SummaryOptions {
  std::string path;  ///< "-" for standard output; empty: there is none
  std::optional<double> threshold;
};

/// A summary and its file, open from the start and written at the end: CSV, or JSON where its name
/// ends so. Throws Failure (kNothingRan) where it cannot be written, EarlyEnd where its reader has
/// gone.
class SummaryOutput {
 public:
  explicit SummaryOutput(const SummaryOptions& options);

  void add(const TagRecord& record) { summary_.add(record); }
  void commit();
  /// From any thread.
  void abandon() noexcept { file_.abandon(); }

 private:
  Summary summary_;
  OutputFile file_;
  std::string format_;
};

}  // namespace clipclap::cli
