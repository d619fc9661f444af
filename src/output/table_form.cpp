#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "output/display_text.h"
#include "output/forms.h"

namespace clipclap::output {
namespace {

constexpr int kIndent = 2;
constexpr int kGap = 2;
constexpr int kPercentWidth = 7;    // "100.0% "
constexpr int kReadableLabel = 10;  // no label is cut shorter to show one more beside it
constexpr int kOmissionWidth = 5;   // "  +12"

enum class Ink { kPlain, kBold, kFaint, kBest };

std::string_view escape_sequence(Ink ink) {
  switch (ink) {
    case Ink::kBold:
      return "\x1b[1m";
    case Ink::kFaint:
      return "\x1b[2m";
    case Ink::kBest:
      return "\x1b[1;32m";
    case Ink::kPlain:
      break;
  }
  return "";
}

// One line that is never wider than the terminal: what is added beyond its end is cut.
class Line {
 public:
  Line(int columns, bool color) : room_(columns), color_(color) {}

  int room() const { return room_; }

  /// Columns left free, if something follows them.
  Line& skip(int columns) {
    skipped_ += std::clamp(columns, 0, room_);
    room_ -= std::clamp(columns, 0, room_);
    return *this;
  }

  Line& add(std::string_view text, Ink ink = Ink::kPlain) {
    const auto fitted = fit_start(text, room_);
    if (fitted.empty()) return *this;
    room_ -= display_width(fitted);
    text_.append(static_cast<std::size_t>(std::exchange(skipped_, 0)), ' ');
    if (color_ && ink != Ink::kPlain) {
      text_ += fmt::format("{}{}\x1b[0m", escape_sequence(ink), fitted);
    } else {
      text_ += fitted;
    }
    return *this;
  }

  void print(std::ostream& stream) && {
    text_ += '\n';
    stream.write(text_.data(), static_cast<std::streamsize>(text_.size()));
  }

 private:
  std::string text_;
  int room_;
  int skipped_ = 0;
  bool color_;
};

// How the labels of one row stand side by side.
struct Cells {
  std::size_t count = 0;
  int label_width = 0;
  bool tells_omission = false;  ///< "+2" behind the last one
};

Cells lay_out(std::size_t labels, int widest_label, int room) {
  const auto needed = [&](std::size_t count, int label_width) {
    return static_cast<long>(count) * (kPercentWidth + label_width + kGap) - kGap;
  };
  if (labels == 0 || needed(labels, widest_label) <= room) return {labels, widest_label};
  const int least = std::min(widest_label, kReadableLabel);
  Cells cells{.count = labels};
  while (cells.count > 1 &&
         needed(cells.count, least) + (cells.count < labels ? kOmissionWidth : 0) > room) {
    --cells.count;
  }
  const auto omitted = needed(cells.count, least) + kOmissionWidth;
  cells.tells_omission = cells.count < labels && omitted <= room;
  if (cells.tells_omission) room -= kOmissionWidth;
  const int share = (room + kGap) / static_cast<int>(cells.count) - kGap - kPercentWidth;
  cells.label_width = std::clamp(share, 1, std::max(widest_label, 1));
  return cells;
}

// As X11 writes a region: "face 120x80+10+20".
std::string box_text(const Window& window) {
  const auto& box = *window.box;
  const auto place = fmt::format("{}x{}{:+}{:+}", box.width, box.height, box.x, box.y);
  return window.box_label.empty() ? place
                                  : fmt::format("{} {}", printable(window.box_label), place);
}

std::string percent_text(float score) { return fmt::format("{:>5.1f}% ", 100 * score); }

class TableWriter final : public RecordWriter {
 public:
  TableWriter(std::ostream& stream, const TableStyle& style)
      : stream_(stream),
        columns_(style.columns > 0 ? style.columns : std::numeric_limits<int>::max() / 2),
        color_(style.color) {
    for (const auto& label : style.labels) see_label(printable(label));
  }

  void write(const TagRecord& record) override {
    require_finite(record);
    write_heading(record.window);
    if (record.window.is_silent) return write_silence(begin_row(record.window));
    write_units(begin_row(record.window), record.labels);
  }

  void write(const EmbedRecord& record) override {
    require_finite(record);
    write_heading(record.window);
    if (record.window.is_silent) return write_silence(begin_row(record.window));
    write_embedding(begin_row(record.window), record.embedding);
  }

  void write(const TextRecord& record) override {
    require_finite(record);
    write_heading(printable(record.text), "text");
    write_embedding(begin_line(), record.embedding);
  }

 private:
  Line new_line() const { return {columns_, color_}; }
  Line begin_line() const { return std::move(new_line().skip(kIndent)); }
  void see_label(const std::string& label) {
    widest_label_ = std::max(widest_label_, display_width(label));
  }

  void write_heading(const Window& window) {
    if (subject_ == window.file) return;
    const bool is_image = window.kind == MediaKind::kImage;
    write_heading(printable(window.file), is_image ? to_string(window.kind) : "");
    subject_ = window.file;
  }

  void write_heading(const std::string& title, std::string_view detail) {
    if (!std::exchange(is_first_, false)) stream_ << '\n';
    const auto suffix = detail.empty() ? std::string() : fmt::format(" · {}", detail);
    const int room = std::max(columns_ - display_width(suffix), std::min(columns_, 10));
    auto line = new_line();
    std::move(line.add(fit_end(title, room), Ink::kBold).add(suffix, Ink::kFaint)).print(stream_);
  }

  Line begin_row(const Window& window) const {
    auto line = begin_line();
    if (window.kind != MediaKind::kImage) {
      line.add(fmt::format("{} {:>9}–{}", printable(window.stream),
                           clock_text(window.start_seconds), clock_text(window.end_seconds)),
               Ink::kFaint);
      line.skip(kGap);
    }
    if (window.box) line.add(box_text(window), Ink::kFaint).skip(kGap);
    return line;
  }

  void write_silence(Line line) const { std::move(line.add("silent", Ink::kFaint)).print(stream_); }

  // A line a unit, below each other.
  void write_units(Line line, std::span<const ScoredLabel> labels) {
    if (labels.empty()) {
      std::move(line.add("no label reaches the threshold", Ink::kFaint)).print(stream_);
      return;
    }
    for (const auto& label : labels) {
      see_label(printable(label.label));
      widest_unit_ = std::max(widest_unit_, display_width(printable(label.unit)));
    }
    const int indent = columns_ - line.room();
    while (!labels.empty()) {
      const auto end = std::find_if(labels.begin(), labels.end(), [&](const ScoredLabel& label) {
        return label.unit != labels.front().unit;
      });
      const auto count = static_cast<std::size_t>(end - labels.begin());
      write_labels(std::move(line), labels.first(count));
      labels = labels.subspan(count);
      line = new_line();
      line.skip(indent);
    }
  }

  void write_labels(Line line, std::span<const ScoredLabel> labels) const {
    if (widest_unit_ > 0) {
      const auto unit = printable(labels.front().unit);
      line.add(unit, Ink::kFaint).skip(widest_unit_ - display_width(unit) + kGap);
    }
    const auto cells = lay_out(labels.size(), widest_label_, line.room());
    for (std::size_t i = 0; i < cells.count; ++i) {
      const auto label = fit_start(printable(labels[i].label), cells.label_width);
      if (i > 0) line.skip(kGap);
      line.add(percent_text(labels[i].score) + label, i == 0 ? Ink::kBest : Ink::kPlain);
      line.skip(cells.label_width - display_width(label));
    }
    if (cells.tells_omission) {
      line.skip(kGap).add(fmt::format("+{}", labels.size() - cells.count), Ink::kFaint);
    }
    std::move(line).print(stream_);
  }

  void write_embedding(Line line, const std::vector<float>& embedding) const {
    constexpr std::size_t kShown = 8;
    line.add(fmt::format("{} numbers:", embedding.size()));
    for (std::size_t i = 0; i < std::min(embedding.size(), kShown); ++i) {
      const auto number = fmt::format(" {: .4f}", embedding[i]);
      if (line.room() < static_cast<int>(number.size()) + 2) break;
      line.add(number);
    }
    if (!embedding.empty()) line.add(" …", Ink::kFaint);
    std::move(line).print(stream_);
  }

  std::ostream& stream_;
  int columns_;
  bool color_;
  int widest_label_ = 0;
  int widest_unit_ = 0;
  bool is_first_ = true;
  std::optional<std::string> subject_;
};

}  // namespace

std::unique_ptr<RecordWriter> make_table_form(std::ostream& stream, const TableStyle& style) {
  return std::make_unique<TableWriter>(stream, style);
}

}  // namespace clipclap::output
