// Records as text: one output form each.
#pragma once

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <clipclap/export.h>
#include <clipclap/tagging.h>

namespace clipclap {

/// A text and its place among the pictures.
struct TextRecord {
  std::string text;
  std::vector<float> embedding;  ///< of Euclidean length 1
};

/// Writes records to a stream in one form. A record is handed to the stream in one piece; nothing
/// is written for a record that holds a number that is not finite: Error (kInvalidData). Flushing
/// is the caller's. Not thread-safe.
class CLIPCLAP_API RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  virtual void write(const TagRecord& record) = 0;
  virtual void write(const EmbedRecord& record) = 0;
  virtual void write(const TextRecord& record) = 0;
  /// What a form writes at its end. Called once.
  virtual void finish() {}
};

struct RecordFormat {
  std::string_view name;         ///< "jsonl", "table"
  std::string_view description;  ///< one line for --help
  bool takes_embeddings =
      true;                   ///< and the embeddings of texts; otherwise Error (kInvalidArgument)
  std::size_t usual_top = 0;  ///< as many labels as it reads well with; 0: all
};

/// Every form there is.
CLIPCLAP_API const std::vector<RecordFormat>& record_formats();

/// How a form that is meant for eyes may look. Forms for programs ignore it.
struct TableStyle {
  int columns = 80;  ///< of the terminal; lines are cut there; 0 for no limit
  bool color = false;
  /// The labels that may come, so that columns stand aligned from the first row on. May be empty.
  std::vector<std::string> labels{};
};

/// Throws Error (kInvalidArgument) for a name that is not in record_formats(), naming those that
/// are. The stream must outlive the writer.
CLIPCLAP_API std::unique_ptr<RecordWriter> make_record_writer(std::string_view format,
                                                              std::ostream& stream,
                                                              const TableStyle& style = {});

}  // namespace clipclap
