// The C API of results as text: writers and summaries.
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <clipclap/clipclap.h>
#include <clipclap/records.h>
#include <clipclap/summary.h>

#include "api/c_guard.h"
#include "api/c_handles.h"

using namespace clipclap;
using namespace clipclap::api;

struct clipclap_writer {
  std::string file;
  std::string stream;
  std::ostringstream buffer;
  std::unique_ptr<RecordWriter> writer;
  std::string text;
  std::mutex mutex;
  LastErrors errors;
};

struct clipclap_summary {
  explicit clipclap_summary(double threshold) : summary(threshold) {}

  Summary summary;
  std::string text;
  std::mutex mutex;
  LastErrors errors;
};

namespace {

template <class Handle, class Work>
clipclap_status with(Handle* handle, Work&& work) noexcept {
  return guard_with(handle, [&] {
    const std::lock_guard lock(handle->mutex);
    work();
  });
}

TagRecord to_record(const clipclap_result& result, std::vector<ScoredLabel> labels,
                    const std::string& file, const std::string& stream) {
  TagRecord record{.window = result.result.window, .labels = std::move(labels)};
  record.window.file = file;
  record.window.stream = stream;
  return record;
}

/// Runs `act`, which writes to the writer's buffer, and hands out what it wrote.
template <class Act>
void collect(clipclap_writer& writer, const char** text, std::size_t* size, Act act) {
  require(text, "text");
  require(size, "size");
  writer.buffer.str({});
  act();
  writer.text = writer.buffer.str();
  *text = writer.text.c_str();
  *size = writer.text.size();
}

}  // namespace

clipclap_status clipclap_writer_open(const char* format, const char* file, const char* stream,
                                     clipclap_writer** writer, char* error, size_t error_size) {
  return guard_opening(error, error_size, [&] {
    require(writer, "writer");
    auto made = std::make_unique<clipclap_writer>();
    made->file = text_of(file);
    made->stream = text_of(stream);
    made->writer = make_record_writer(require(format, "format"), made->buffer);
    *writer = made.release();
  });
}

void clipclap_writer_free(clipclap_writer* writer) { std::unique_ptr<clipclap_writer>{writer}; }

const char* clipclap_writer_error(const clipclap_writer* writer) {
  return error_of(writer, "writer is NULL");
}

clipclap_status clipclap_writer_write(clipclap_writer* writer, const clipclap_result* result,
                                      const char** text, size_t* size) {
  return with(writer, [&] {
    require(result, "result");
    collect(*writer, text, size, [&] {
      writer->writer->write(to_record(*result, result->kept, writer->file, writer->stream));
    });
  });
}

clipclap_status clipclap_writer_finish(clipclap_writer* writer, const char** text, size_t* size) {
  return with(writer, [&] { collect(*writer, text, size, [&] { writer->writer->finish(); }); });
}

clipclap_status clipclap_summary_open(double threshold, clipclap_summary** summary, char* error,
                                      size_t error_size) {
  return guard_opening(error, error_size, [&] {
    require(summary, "summary");
    *summary = std::make_unique<clipclap_summary>(threshold).release();
  });
}

void clipclap_summary_free(clipclap_summary* summary) {
  std::unique_ptr<clipclap_summary>{summary};
}

const char* clipclap_summary_error(const clipclap_summary* summary) {
  return error_of(summary, "summary is NULL");
}

clipclap_status clipclap_summary_add(clipclap_summary* summary, const char* file,
                                     const char* stream, const clipclap_result* result) {
  return with(summary, [&] {
    const auto& given = *require(result, "result");
    summary->summary.add(to_record(given, given.result.labels, text_of(file), text_of(stream)));
  });
}

clipclap_status clipclap_summary_write(clipclap_summary* summary, const char* format,
                                       const char** text, size_t* size) {
  return with(summary, [&] {
    require(text, "text");
    require(size, "size");
    summary->text = to_text(summary->summary.rows(), require(format, "format"));
    *text = summary->text.c_str();
    *size = summary->text.size();
  });
}

clipclap_status clipclap_summary_clear(clipclap_summary* summary) {
  return with(summary, [&] { summary->summary.clear(); });
}
