#include <string>
#include <utility>

#include "output/forms.h"
#include "output/subtitle_text.h"

namespace clipclap::output {
namespace {

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char character : text) {
    switch (character) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += character;
    }
  }
  return escaped;
}

class VttWriter final : public TagOnlyWriter {
 public:
  explicit VttWriter(std::ostream& stream) : TagOnlyWriter("vtt"), stream_(stream) {}

  using TagOnlyWriter::write;
  void write(const TagRecord& record) override {
    require_finite(record);
    put(cue_text(record, {.decimal_mark = '.', .escape = escape}));
  }

  void finish() override { put(""); }

 private:
  void put(const std::string& cue) {
    const auto text = std::exchange(begun_, true) ? cue : "WEBVTT\n\n" + cue;
    stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }

  std::ostream& stream_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<RecordWriter> make_vtt_form(std::ostream& stream, const TableStyle&) {
  return std::make_unique<VttWriter>(stream);
}

}  // namespace clipclap::output
