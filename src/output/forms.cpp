#include "output/forms.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap {
namespace output {
namespace {

struct Form {
  RecordFormat format;
  std::unique_ptr<RecordWriter> (*make)(std::ostream&, const TableStyle&);
};

constexpr std::array kForms{
    Form{{.name = "jsonl", .description = "one JSON object a line, for programs"}, make_jsonl_form},
    Form{{.name = "table", .description = "aligned columns, for eyes", .usual_top = 3},
         make_table_form},
    Form{{.name = "csv",
          .description = "a line a label, for spreadsheets",
          .takes_embeddings = false},
         make_csv_form},
    Form{{.name = "srt", .description = "subtitles", .takes_embeddings = false, .usual_top = 1},
         make_srt_form},
    Form{{.name = "vtt",
          .description = "subtitles for the web",
          .takes_embeddings = false,
          .usual_top = 1},
         make_vtt_form},
};

void require(bool holds, std::string_view what, const std::string& context) {
  if (holds) return;
  throw Error(
      ErrorCode::kInvalidData,
      fmt::format("the model gave {} that is not a finite number; are its weights sound?", what),
      context);
}

void require_finite(std::span<const float> embedding, const std::string& context) {
  const bool finite = std::all_of(embedding.begin(), embedding.end(),
                                  [](float value) { return std::isfinite(value); });
  require(finite, "an embedding", context);
}

void require_finite(const Window& window) {
  require(std::isfinite(window.start_seconds) && std::isfinite(window.end_seconds), "a time",
          window.file);
}

}  // namespace

void require_finite(const TagRecord& record) {
  require_finite(record.window);
  for (const auto& label : record.labels) {
    require(std::isfinite(label.score) && std::isfinite(label.similarity), "a score",
            record.window.file);
  }
}

void require_finite(const EmbedRecord& record) {
  require_finite(record.window);
  require_finite(record.embedding, record.window.file);
}

void require_finite(const TextRecord& record) { require_finite(record.embedding, record.text); }

namespace {

[[noreturn]] void refuse_embeddings(std::string_view form) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("the form {} has no place for embeddings; jsonl takes them", form));
}

}  // namespace

void TagOnlyWriter::write(const EmbedRecord& /*record*/) { refuse_embeddings(form_); }
void TagOnlyWriter::write(const TextRecord& /*record*/) { refuse_embeddings(form_); }

}  // namespace output

const std::vector<RecordFormat>& record_formats() {
  static const auto formats = [] {
    std::vector<RecordFormat> all;
    all.reserve(output::kForms.size());
    for (const auto& form : output::kForms) all.push_back(form.format);
    return all;
  }();
  return formats;
}

std::unique_ptr<RecordWriter> make_record_writer(std::string_view format, std::ostream& stream,
                                                 const TableStyle& style) {
  std::string known;
  for (const auto& form : output::kForms) {
    if (form.format.name == format) return form.make(stream, style);
    known += fmt::format("{}{}", known.empty() ? "" : ", ", form.format.name);
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("there is no output form \"{}\"; choose from {}", format, known));
}

}  // namespace clipclap
