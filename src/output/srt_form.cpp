#include <cstddef>
#include <string>

#include <fmt/format.h>

#include "output/forms.h"
#include "output/subtitle_text.h"

namespace clipclap::output {
namespace {

// SRT has no escapes. A word joiner, which has no width, keeps players from taking "<" for a tag
// and "-->" for the next cue's times.
std::string escape(std::string_view text) {
  constexpr std::string_view kWordJoiner = "\xE2\x81\xA0";
  std::string escaped;
  for (const char character : text) {
    if (character == '>' && escaped.ends_with("--")) escaped += kWordJoiner;
    escaped += character;
    if (character == '<') escaped += kWordJoiner;
  }
  return escaped;
}

class SrtWriter final : public TagOnlyWriter {
 public:
  explicit SrtWriter(std::ostream& stream) : TagOnlyWriter("srt"), stream_(stream) {}

  using TagOnlyWriter::write;
  void write(const TagRecord& record) override {
    require_finite(record);
    const auto cue = cue_text(record, {.decimal_mark = ',', .escape = escape});
    if (cue.empty()) return;
    const auto text = fmt::format("{}\n{}", ++number_, cue);
    stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }

 private:
  std::ostream& stream_;
  std::size_t number_ = 0;
};

}  // namespace

std::unique_ptr<RecordWriter> make_srt_form(std::ostream& stream, const TableStyle&) {
  return std::make_unique<SrtWriter>(stream);
}

}  // namespace clipclap::output
