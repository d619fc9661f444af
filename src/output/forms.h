// The output forms. Adding one: a file with its maker, and a row in forms.cpp.
#pragma once

#include <memory>
#include <ostream>
#include <string_view>

#include <clipclap/records.h>

namespace clipclap::output {

std::unique_ptr<RecordWriter> make_jsonl_form(std::ostream& stream, const TableStyle& style);
std::unique_ptr<RecordWriter> make_table_form(std::ostream& stream, const TableStyle& style);
std::unique_ptr<RecordWriter> make_csv_form(std::ostream& stream, const TableStyle& style);
std::unique_ptr<RecordWriter> make_srt_form(std::ostream& stream, const TableStyle& style);
std::unique_ptr<RecordWriter> make_vtt_form(std::ostream& stream, const TableStyle& style);

/// A form without a place for embeddings: Error (kInvalidArgument).
class TagOnlyWriter : public RecordWriter {
 public:
  using RecordWriter::write;
  void write(const EmbedRecord& record) final;
  void write(const TextRecord& record) final;

 protected:
  explicit TagOnlyWriter(std::string_view form) : form_(form) {}

 private:
  std::string_view form_;
};

/// Throws Error (kInvalidData) for a record with a number that is not finite: a checkpoint whose
/// weights are broken must not become data.
void require_finite(const TagRecord& record);
void require_finite(const EmbedRecord& record);
void require_finite(const TextRecord& record);

}  // namespace clipclap::output
