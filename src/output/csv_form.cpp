#include <string>
#include <utility>

#include "output/csv_text.h"
#include "output/forms.h"

namespace clipclap::output {
namespace {

CsvLine heading() {
  return {"file",  "stream",     "kind", "start", "end",   "silent", "unit",     "label",
          "score", "similarity", "x",    "y",     "width", "height", "box_label"};
}

CsvLine begin_line(const Window& window) {
  CsvLine line{window.file, window.stream, to_string(window.kind)};
  line.add_seconds(window.start_seconds).add_seconds(window.end_seconds);
  line.add(window.is_silent ? "true" : "false");
  return line;
}

std::string end_line(CsvLine line, const Window& window) {
  if (window.box) {
    const auto& box = *window.box;
    line.add_whole(box.x).add_whole(box.y).add_whole(box.width).add_whole(box.height);
  } else {
    line.add("").add("").add("").add("");
  }
  line.add(window.box_label);
  return std::move(line).text();
}

class CsvWriter final : public TagOnlyWriter {
 public:
  explicit CsvWriter(std::ostream& stream) : TagOnlyWriter("csv"), stream_(stream) {}

  using TagOnlyWriter::write;
  void write(const TagRecord& record) override {
    require_finite(record);
    std::string lines;
    for (const auto& label : record.labels) {
      auto line = begin_line(record.window);
      line.add(label.unit).add(label.label).add_number(label.score).add_number(label.similarity);
      lines += end_line(std::move(line), record.window);
    }
    // What is silent would not be missed otherwise.
    if (record.window.is_silent) {
      auto line = begin_line(record.window);
      line.add("").add("").add("").add("");
      lines += end_line(std::move(line), record.window);
    }
    put(lines);
  }

  void finish() override { put(""); }

 private:
  void put(const std::string& lines) {
    const auto text = std::exchange(begun_, true) ? lines : heading().text() + lines;
    stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }

  std::ostream& stream_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<RecordWriter> make_csv_form(std::ostream& stream, const TableStyle&) {
  return std::make_unique<CsvWriter>(stream);
}

}  // namespace clipclap::output
