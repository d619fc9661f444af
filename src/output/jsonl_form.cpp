#include <iterator>
#include <string>

#include <fmt/format.h>

#include "output/forms.h"
#include "output/json_text.h"

namespace clipclap::output {
namespace {

void append_box(std::string& line, const Box& box, const std::string& label) {
  fmt::format_to(std::back_inserter(line), R"(,"box":[{},{},{},{}])", box.x, box.y, box.width,
                 box.height);
  if (label.empty()) return;
  line += R"(,"box_label":)";
  append_json_string(line, label);
}

std::string begin_object(const Window& window) {
  std::string line = R"({"file":)";
  append_json_string(line, window.file);
  line += R"(,"stream":)";
  append_json_string(line, window.stream);
  line += R"(,"kind":)";
  append_json_string(line, to_string(window.kind));
  line += R"(,"start":)";
  append_json_seconds(line, window.start_seconds);
  line += R"(,"end":)";
  append_json_seconds(line, window.end_seconds);
  if (window.is_silent) line += R"(,"silent":true)";
  if (window.box) append_box(line, *window.box, window.box_label);
  return line;
}

void append_label(std::string& line, const ScoredLabel& label) {
  line += '{';
  if (!label.unit.empty()) {
    line += R"("unit":)";
    append_json_string(line, label.unit);
    line += ',';
  }
  line += R"("label":)";
  append_json_string(line, label.label);
  line += R"(,"score":)";
  append_json_number(line, label.score);
  line += R"(,"similarity":)";
  append_json_number(line, label.similarity);
  line += '}';
}

class JsonlWriter final : public RecordWriter {
 public:
  explicit JsonlWriter(std::ostream& stream) : stream_(stream) {}

  void write(const TagRecord& record) override {
    require_finite(record);
    auto line = begin_object(record.window);
    line += R"(,"labels":[)";
    for (const auto& label : record.labels) {
      if (&label != &record.labels.front()) line += ',';
      append_label(line, label);
    }
    line += ']';
    end_object(std::move(line));
  }

  void write(const EmbedRecord& record) override {
    require_finite(record);
    auto line = begin_object(record.window);
    if (!record.window.is_silent) return end_object(std::move(line), record.embedding);
    end_object(line + R"(,"embedding":null)");
  }

  void write(const TextRecord& record) override {
    require_finite(record);
    std::string line = R"({"text":)";
    append_json_string(line, record.text);
    end_object(std::move(line), record.embedding);
  }

 private:
  void end_object(std::string line, std::span<const float> embedding) {
    line += R"(,"embedding":)";
    append_json_array(line, embedding);
    end_object(std::move(line));
  }

  void end_object(std::string line) {
    line += "}\n";
    stream_.write(line.data(), static_cast<std::streamsize>(line.size()));
  }

  std::ostream& stream_;
};

}  // namespace

std::unique_ptr<RecordWriter> make_jsonl_form(std::ostream& stream, const TableStyle&) {
  return std::make_unique<JsonlWriter>(stream);
}

}  // namespace clipclap::output
