#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <clipclap/error.h>
#include <clipclap/summary.h>

#include "record_samples.h"

namespace clipclap {
namespace {

TagRecord scored(double start, double end, float cat, float dog) {
  TagRecord record{window(start, end), {{"cat", cat, 0}, {"dog", dog, 0}}};
  if (dog > cat) std::swap(record.labels[0], record.labels[1]);
  return record;
}

std::vector<LabelSummary> rows_of(const std::vector<TagRecord>& records, double threshold = 0.5) {
  Summary summary(threshold);
  for (const auto& record : records) summary.add(record);
  return summary.rows();
}

TEST(Summary, WindowsCountByTheirLength) {
  const auto rows =
      rows_of({scored(0, 1, 0.5F, 0.25F), scored(1, 4, 0.25F, 0.75F), scored(4, 4, 1, 0)});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].label, "dog");
  EXPECT_DOUBLE_EQ(rows[0].mean, (0.25 + 3 * 0.75) / 4);
  EXPECT_DOUBLE_EQ(rows[0].peak, 0.75);
  EXPECT_DOUBLE_EQ(rows[0].peak_seconds, 1);
  EXPECT_DOUBLE_EQ(rows[0].share_above, 0.75);
  EXPECT_EQ(rows[0].windows, 3U);
  EXPECT_DOUBLE_EQ(rows[1].mean, (0.5 + 3 * 0.25) / 4);
  EXPECT_DOUBLE_EQ(rows[1].peak, 1);
  EXPECT_DOUBLE_EQ(rows[1].peak_seconds, 4);
  EXPECT_DOUBLE_EQ(rows[1].share_above, 0.25);  // at the threshold is above
}

TEST(Summary, WindowsWithoutLengthCountAlike) {
  const auto rows = rows_of({scored(0, 0, 0.75F, 0.25F), scored(0, 0, 0.25F, 0.5F)});
  EXPECT_DOUBLE_EQ(rows[0].mean, 0.5);
  EXPECT_DOUBLE_EQ(rows[0].share_above, 0.5);
  EXPECT_DOUBLE_EQ(rows[1].mean, 0.375);
}

TEST(Summary, ThePeakIsTheFirstOfItsHeight) {
  const auto rows = rows_of({scored(0, 1, 0.25F, 0), scored(1, 2, 0.5F, 0), scored(2, 3, 0.5F, 0)});
  EXPECT_DOUBLE_EQ(rows[0].peak_seconds, 1);
  EXPECT_DOUBLE_EQ(rows[1].peak, 0);
  EXPECT_DOUBLE_EQ(rows[1].peak_seconds, 0);
}

TEST(Summary, StreamsAndUnitsStayApartInTheirOrder) {
  TagRecord second{window(0, 1),
                   {{"b", 0.5F, 0, "two"}, {"a", 0.5F, 0, "two"}, {"a", 1, 0, "one"}}};
  auto first = second;
  first.window.stream = "a:0";
  auto other = second;
  other.window.file = "other.mp4";
  const auto rows = rows_of({second, first, other, second});
  ASSERT_EQ(rows.size(), 9U);
  const auto name = [](const LabelSummary& row) {
    return row.file + ' ' + row.stream + ' ' + row.unit + ' ' + row.label;
  };
  EXPECT_EQ(name(rows[0]), "clip.mp4 v:0 two b");
  EXPECT_EQ(name(rows[1]), "clip.mp4 v:0 two a");
  EXPECT_EQ(name(rows[2]), "clip.mp4 v:0 one a");
  EXPECT_EQ(name(rows[3]), "clip.mp4 a:0 two b");
  EXPECT_EQ(name(rows[6]), "other.mp4 v:0 two b");
  EXPECT_EQ(rows[0].windows, 2U);
  EXPECT_EQ(rows[3].windows, 1U);
}

TEST(Summary, SilentWindowsDoNotCount) {
  auto silent = window(1, 100);
  silent.is_silent = true;
  const auto rows = rows_of({scored(0, 1, 1, 0), {silent, {}}});
  EXPECT_EQ(rows[0].windows, 1U);
  EXPECT_DOUBLE_EQ(rows[0].mean, 1);
}

TEST(Summary, ClearingForgets) {
  Summary summary;
  summary.add(scored(0, 1, 1, 0));
  summary.clear();
  EXPECT_TRUE(summary.rows().empty());
  summary.add(scored(0, 1, 0.25F, 0.5F));
  EXPECT_DOUBLE_EQ(summary.rows()[0].peak, 0.5);
}

TEST(Summary, RefusesWhatCannotBe) {
  for (const double threshold : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(Summary{threshold}, Error) << threshold;
  }
  Summary summary;
  EXPECT_THROW(summary.add(scored(0, 1, std::numeric_limits<float>::quiet_NaN(), 0)), Error);
  EXPECT_TRUE(summary.rows().empty());
  EXPECT_THROW(to_text({}, "xml"), Error);
}

TEST(Summary, CsvAndJsonSayTheSame) {
  auto record = scored(0.5, 1.5, 0.75F, 0.25F);
  record.labels[0].label = "a \"cat\", black";
  record.labels[0].unit = record.labels[1].unit = "pets";
  const auto rows = rows_of({record});
  EXPECT_EQ(to_text(rows, "csv"),
            "file,stream,unit,label,mean,peak,peak_seconds,share_above,windows\r\n"
            "clip.mp4,v:0,pets,\"a \"\"cat\"\", black\",0.75,0.75,0.500000,1,1\r\n"
            "clip.mp4,v:0,pets,dog,0.25,0.25,0.500000,0,1\r\n");
  const auto parsed = nlohmann::ordered_json::parse(to_text(rows, "json"));
  ASSERT_EQ(parsed.size(), 2U);
  EXPECT_EQ(parsed[0].dump(),
            R"({"file":"clip.mp4","stream":"v:0","unit":"pets","label":"a \"cat\", black",)"
            R"("mean":0.75,"peak":0.75,"peak_seconds":0.5,"share_above":1,"windows":1})");
  EXPECT_EQ(to_text({}, "json"), "[]\n");
}

}  // namespace
}  // namespace clipclap
