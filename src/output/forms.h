// The output forms. Adding one: a file with its maker, and a row in forms.cpp.
#pragma once

#include <memory>
#include <ostream>

#include <clipclap/records.h>

namespace clipclap::output {

std::unique_ptr<RecordWriter> make_jsonl_form(std::ostream& stream, const TableStyle& style);
std::unique_ptr<RecordWriter> make_table_form(std::ostream& stream, const TableStyle& style);

/// Throws Error (kInvalidData) for a record with a number that is not finite: a checkpoint whose
/// weights are broken must not become data.
void require_finite(const TagRecord& record);
void require_finite(const EmbedRecord& record);
void require_finite(const TextRecord& record);

}  // namespace clipclap::output
