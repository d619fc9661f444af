#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "output/display_text.h"
#include "record_samples.h"

namespace clipclap {
namespace {

const std::vector<std::string> kLabels{
    "cat",   "ankle boot", "日本の猫",          "🐈‍⬛ black cat",
    "zebra", "Flugzeug",   "a very long label", "naïve"};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string without_color(const std::string& text) {
  return std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), "");
}

TagRecord random_record(std::mt19937& random, int index) {
  auto labels = kLabels;
  std::shuffle(labels.begin(), labels.end(), random);
  TagRecord record{window(index * 700.0, index * 700.0 + 1.4), {}};
  float score = 1;
  for (std::size_t i = 0; i < 1 + random() % 5; ++i) {
    record.labels.push_back({labels[i], score, score / 2});
    score *= 0.4F;
  }
  return record;
}

std::string table_of(const TableStyle& style, int rows) {
  std::mt19937 random(3);
  std::ostringstream stream;
  const auto writer = make_record_writer("table", stream, style);
  for (int i = 0; i < rows; ++i) writer->write(random_record(random, i));
  return stream.str();
}

class TableAtWidth : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Columns, TableAtWidth, testing::Values(1, 5, 10, 24, 40, 80, 200));

TEST_P(TableAtWidth, NoLineIsWider) {
  const int columns = GetParam();
  const auto long_name = "/very/long/" + std::string(300, 'x') + "/日本.mp4";
  auto text = table_of({.columns = columns, .labels = kLabels}, 40);
  text += written("table", {.columns = columns}, EmbedRecord{window(0, 1, long_name), {1, 0, 0}},
                  TextRecord{"a photo of a very naughty cat", std::vector<float>(512, 0.04F)},
                  TagRecord{window(0, 1, "x"), {}});
  for (const auto& line : lines_of(text)) {
    EXPECT_LE(output::display_width(line), columns) << line;
  }
}

TEST_P(TableAtWidth, ColorChangesNothingElse) {
  const int columns = GetParam();
  const auto plain = table_of({.columns = columns, .color = false, .labels = kLabels}, 20);
  const auto colored = table_of({.columns = columns, .color = true, .labels = kLabels}, 20);
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_NE(colored.find("\x1b["), std::string::npos);
  EXPECT_EQ(plain, without_color(colored));
}

TEST(TableForm, ShowsTheBestLabelFirstAndAligned) {
  const TagRecord first{window(0, 1.4), {{"cat", 0.931F, 0.3F}, {"ankle boot", 0.05F, 0.2F}}};
  const TagRecord second{window(1.4, 2.8), {{"ankle boot", 1, 0.3F}, {"cat", 0, 0.2F}}};
  const auto table = written("table", {.columns = 80, .labels = kLabels}, first, second);
  const auto lines = lines_of(table);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "clip.mp4");
  EXPECT_NE(lines[1].find("00:00.000–00:01.400"), std::string::npos);
  EXPECT_NE(lines[1].find("93.1% cat"), std::string::npos);
  EXPECT_NE(lines[2].find("100.0% ankle boot"), std::string::npos);
  const auto column = [](const std::string& line, const std::string& what) {
    return output::display_width(line.substr(0, line.find(what)));
  };
  EXPECT_EQ(column(lines[1], "cat"), column(lines[2], "ankle boot"));
  EXPECT_EQ(column(lines[1], "ankle boot"), column(lines[2], "cat"));
}

TEST(TableForm, AHeadingForEveryFileAndEachRowItsStream) {
  auto image = window(0, 0, "photo.jpg");
  image.kind = MediaKind::kImage;
  auto other_stream = window(0.5, 1.5);
  other_stream.stream = "a:1";
  const auto lines =
      lines_of(written("table", {}, TagRecord{window(0, 1), {}}, TagRecord{other_stream, {}},
                       TagRecord{window(1, 2), {}}, TagRecord{image, {{"cat", 0.5F, 0.5F}}}));
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0], "clip.mp4");
  EXPECT_TRUE(lines[1].starts_with("  v:0 ")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("  a:1 ")) << lines[2];
  EXPECT_TRUE(lines[3].starts_with("  v:0 ")) << lines[3];
  EXPECT_EQ(lines[4], "");
  EXPECT_EQ(lines[5], "photo.jpg · image");
  EXPECT_EQ(lines[6], "   50.0% cat");  // no times
}

TEST(TableForm, SaysWhereThereIsNothingToHear) {
  auto silent = window(0, 10);
  silent.kind = MediaKind::kAudio;
  silent.is_silent = true;
  const auto lines = lines_of(written("table", {}, TagRecord{silent, {}}, EmbedRecord{silent, {}}));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_NE(lines[1].find("silent"), std::string::npos);
  EXPECT_NE(lines[2].find("silent"), std::string::npos);
}

TEST(TableForm, UnitsStandBelowEachOther) {
  const TagRecord record{window(0, 1),
                         {{"rain", 0.9F, 0, "weather"},
                          {"sun", 0.1F, 0, "weather"},
                          {"road", 0.6F, 0, "ground"},
                          {"grass", 0.4F, 0, "ground"}}};
  const auto lines = lines_of(written("table", {.columns = 80}, record));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_NE(lines[1].find("00:00.000–00:01.000  weather   90.0% rain    10.0% sun"),
            std::string::npos)
      << lines[1];
  EXPECT_EQ(lines[2].find_first_not_of(' '), lines[2].find("ground"));
  const auto column = [](const std::string& line, const std::string& what) {
    return output::display_width(line.substr(0, line.find(what)));
  };
  EXPECT_EQ(column(lines[1], "weather"), column(lines[2], "ground"));
  EXPECT_EQ(column(lines[1], "rain"), column(lines[2], "road"));
  EXPECT_EQ(column(lines[1], "sun"), column(lines[2], "grass"));
}

TEST_P(TableAtWidth, UnitsAndBoxesMakeNoLineWider) {
  auto place = window(0, 1);
  place.box = Box{1, 2, 300, 400};
  place.box_label = "a long name of a box";
  const TagRecord record{place, {{"rain", 0.9F, 0, "weather of today"}, {"road", 1, 0, "ground"}}};
  for (const auto& line : lines_of(written("table", {.columns = GetParam()}, record, record))) {
    EXPECT_LE(output::display_width(line), GetParam()) << line;
  }
}

TEST(TableForm, ABoxStandsBeforeItsLabels) {
  auto place = window(0, 1);
  place.box = Box{-1, 20, 30, 40};
  place.box_label = "face";
  const auto lines = lines_of(written("table", {}, TagRecord{place, {{"smile", 1, 1}}}));
  EXPECT_NE(lines.at(1).find("00:01.000  face 30x40-1+20  100.0% smile"), std::string::npos)
      << lines.at(1);
}

TEST(TableForm, SaysHowManyLabelsAreLeftOut) {
  TagRecord record{window(0, 1), {}};
  for (int i = 0; i < 9; ++i) record.labels.push_back({"label " + std::to_string(i), 0.1F, 0.1F});
  const auto at = [&](int columns) {
    return lines_of(written("table", {.columns = columns}, record)).at(1);
  };
  const auto shown = [](const std::string& line) {
    return std::count(line.begin(), line.end(), '%');
  };
  EXPECT_TRUE(at(80).ends_with("+" + std::to_string(9 - shown(at(80))))) << at(80);
  EXPECT_EQ(shown(at(80)), 3);
  EXPECT_EQ(shown(at(40)), 1);
  EXPECT_EQ(shown(at(0)), 9);
}

TEST(TableForm, HostileNamesDoNotReachTheTerminal) {
  const auto table =
      written("table", {}, TagRecord{window(0, 1, "a\x1b]0;x\a\r\n"), {{"b\x1b[2J", 1, 1}}});
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  EXPECT_EQ(lines_of(table).size(), 2U);
}

TEST(TableForm, EmbeddingsShowTheirSizeAndFirstNumbers) {
  const auto lines = lines_of(
      written("table", {.columns = 60}, EmbedRecord{window(0, 1), std::vector<float>(512, 0.25F)}));
  EXPECT_NE(lines[1].find("512 numbers:  0.2500"), std::string::npos);
  EXPECT_TRUE(lines[1].ends_with("…"));
}

}  // namespace
}  // namespace clipclap
