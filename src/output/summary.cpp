#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/summary.h>

#include "output/csv_text.h"
#include "output/forms.h"
#include "output/json_text.h"

namespace clipclap {
namespace {

// Of a label's windows; by their length in time and, where none has any, by their number.
struct Sums {
  double seconds = 0;
  double score_seconds = 0;
  double seconds_above = 0;
  std::size_t windows = 0;
  double scores = 0;
  std::size_t windows_above = 0;
  float peak = 0;
  double peak_seconds = 0;

  void add(const Window& window, float score, double threshold) {
    const double length = std::max(0.0, window.end_seconds - window.start_seconds);
    const bool is_above = score >= threshold;
    if (windows == 0 || score > peak) {
      peak = score;
      peak_seconds = window.start_seconds;
    }
    seconds += length;
    score_seconds += length * score;
    scores += score;
    ++windows;
    if (!is_above) return;
    seconds_above += length;
    ++windows_above;
  }

  double mean() const {
    return seconds > 0 ? score_seconds / seconds : scores / static_cast<double>(windows);
  }
  double share_above() const {
    return seconds > 0 ? seconds_above / seconds
                       : static_cast<double>(windows_above) / static_cast<double>(windows);
  }
};

// Things by their names, in the order in which they came.
template <class Key, class Value, class Index>
class Register {
 public:
  Value& operator[](const Key& key) {
    const auto [place, is_new] = index_.try_emplace(key, entries_.size());
    if (is_new) entries_.emplace_back(key, Value{});
    return entries_[place->second].second;
  }

  const std::vector<std::pair<Key, Value>>& entries() const { return entries_; }

 private:
  Index index_;
  std::vector<std::pair<Key, Value>> entries_;
};

using Names = std::unordered_map<std::string, std::size_t>;
using Labels = Register<std::string, Sums, Names>;
using Units = Register<std::string, Labels, Names>;
using StreamName = std::pair<std::string, std::string>;
using Streams = Register<StreamName, Units, std::map<StreamName, std::size_t>>;

LabelSummary to_row(const StreamName& stream, const std::string& unit, const std::string& label,
                    const Sums& sums) {
  return {.file = stream.first,
          .stream = stream.second,
          .unit = unit,
          .label = label,
          .mean = sums.mean(),
          .peak = sums.peak,
          .peak_seconds = sums.peak_seconds,
          .share_above = sums.share_above(),
          .windows = sums.windows};
}

}  // namespace

struct Summary::Implementation {
  double threshold;
  Streams streams{};
};

Summary::Summary(double threshold)
    : implementation_(std::make_unique<Implementation>(Implementation{threshold})) {
  if (!(threshold >= 0 && threshold <= 1)) {
    throw Error(ErrorCode::kInvalidArgument, "a summary's threshold must lie between 0 and 1");
  }
}

Summary::~Summary() = default;
Summary::Summary(Summary&&) noexcept = default;
Summary& Summary::operator=(Summary&&) noexcept = default;

void Summary::add(const TagRecord& record) {
  output::require_finite(record);
  if (record.labels.empty()) return;
  const auto& window = record.window;
  auto& units = implementation_->streams[{window.file, window.stream}];
  Labels* labels = nullptr;
  const std::string* unit = nullptr;
  for (const auto& scored : record.labels) {
    if (unit == nullptr || *unit != scored.unit) labels = &units[scored.unit];
    unit = &scored.unit;
    (*labels)[scored.label].add(window, scored.score, implementation_->threshold);
  }
}

void Summary::clear() { implementation_->streams = {}; }

std::vector<LabelSummary> Summary::rows() const {
  std::vector<LabelSummary> rows;
  for (const auto& [stream, units] : implementation_->streams.entries()) {
    for (const auto& [unit, labels] : units.entries()) {
      const auto first = static_cast<std::ptrdiff_t>(rows.size());
      for (const auto& [label, sums] : labels.entries()) {
        rows.push_back(to_row(stream, unit, label, sums));
      }
      std::stable_sort(
          rows.begin() + first, rows.end(),
          [](const LabelSummary& a, const LabelSummary& b) { return a.mean > b.mean; });
    }
  }
  return rows;
}

namespace {

std::string to_csv(const std::vector<LabelSummary>& rows) {
  auto text = output::CsvLine{"file", "stream",       "unit",        "label",  "mean",
                              "peak", "peak_seconds", "share_above", "windows"}
                  .text();
  for (const auto& row : rows) {
    output::CsvLine line{row.file, row.stream, row.unit, row.label};
    line.add_number(static_cast<float>(row.mean)).add_number(static_cast<float>(row.peak));
    line.add_seconds(row.peak_seconds).add_number(static_cast<float>(row.share_above));
    text += std::move(line.add_whole(static_cast<long>(row.windows))).text();
  }
  return text;
}

void append_object(std::string& text, const LabelSummary& row) {
  text += R"({"file":)";
  output::append_json_string(text, row.file);
  text += R"(,"stream":)";
  output::append_json_string(text, row.stream);
  if (!row.unit.empty()) {
    text += R"(,"unit":)";
    output::append_json_string(text, row.unit);
  }
  text += R"(,"label":)";
  output::append_json_string(text, row.label);
  text += R"(,"mean":)";
  output::append_json_number(text, static_cast<float>(row.mean));
  text += R"(,"peak":)";
  output::append_json_number(text, static_cast<float>(row.peak));
  text += R"(,"peak_seconds":)";
  output::append_json_seconds(text, row.peak_seconds);
  text += R"(,"share_above":)";
  output::append_json_number(text, static_cast<float>(row.share_above));
  text += fmt::format(R"(,"windows":{}}})", row.windows);
}

std::string to_json(const std::vector<LabelSummary>& rows) {
  std::string text = "[";
  for (const auto& row : rows) {
    text += &row == &rows.front() ? "\n" : ",\n";
    append_object(text, row);
  }
  return text + (rows.empty() ? "]\n" : "\n]\n");
}

}  // namespace

std::string to_text(const std::vector<LabelSummary>& rows, std::string_view format) {
  if (format == "csv") return to_csv(rows);
  if (format == "json") return to_json(rows);
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("a summary is csv or json, not \"{}\"", format));
}

}  // namespace clipclap
