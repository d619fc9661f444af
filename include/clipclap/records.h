// Records as text: one output form each.
#pragma once

#include <memory>
#include <ostream>
#include <string_view>
#include <vector>

#include <clipclap/export.h>
#include <clipclap/tagging.h>

namespace clipclap {

/// Writes records to a stream in one form. Every record is handed to the stream whole and flushed
/// by `flush()`; nothing is written for a record that fails.
class CLIPCLAP_API RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  virtual void write(const TagRecord& record) = 0;
  virtual void write(const EmbedRecord& record) = 0;
  /// What a form writes at its end. Called once.
  virtual void finish() {}
};

struct RecordFormat {
  std::string_view name;         ///< "jsonl", "table"
  std::string_view description;  ///< one line for --help
};

/// Every form there is.
CLIPCLAP_API const std::vector<RecordFormat>& record_formats();

/// How a form that is meant for eyes may look.
struct TableStyle {
  int columns = 80;  ///< of the terminal
  bool color = false;
};

/// Throws Error (kInvalidArgument) for a name that is not in record_formats(), naming those that
/// are. The stream must outlive the writer.
CLIPCLAP_API std::unique_ptr<RecordWriter> make_record_writer(std::string_view format,
                                                              std::ostream& stream,
                                                              const TableStyle& style = {});

/// One text's embedding as `embed --text` prints it: {"text":…,"embedding":[…]} and a line break.
CLIPCLAP_API void write_text_embedding(std::ostream& stream, std::string_view text,
                                       std::span<const float> embedding);

}  // namespace clipclap
