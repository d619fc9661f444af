#include <bit>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <locale>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <clipclap/error.h>
#include <clipclap/json.h>

#include "output/json_text.h"
#include "record_samples.h"

namespace clipclap {
namespace {

using Parsed = nlohmann::ordered_json;

std::vector<std::string> keys(const Parsed& object) {
  std::vector<std::string> names;
  for (const auto& item : object.items()) names.push_back(item.key());
  return names;
}

float random_float(std::mt19937& random) {
  while (true) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(value)) return value;
  }
}

int significant_digits(const std::string& number) {
  std::string digits;
  for (const char character : number.substr(0, number.find('e'))) {
    if (std::isdigit(static_cast<unsigned char>(character)) != 0) digits += character;
  }
  const auto first = digits.find_first_not_of('0');
  if (first == std::string::npos) return 0;
  return static_cast<int>(digits.find_last_not_of('0') - first + 1);
}

std::string number(float value) {
  std::string text;
  output::append_json_number(text, value);
  return text;
}

TEST(JsonlForm, TagRecordHasItsKeysInOrder) {
  const TagRecord record{window(1.4, 2.4), {{"cat", 0.75F, 0.25F}, {"dog", 0.25F, 0.125F}}};
  const auto line = written("jsonl", {}, record);
  EXPECT_EQ(line.back(), '\n');
  const auto object = Parsed::parse(line);
  EXPECT_EQ(keys(object),
            (std::vector<std::string>{"file", "stream", "kind", "start", "end", "labels"}));
  EXPECT_EQ(keys(object["labels"][0]), (std::vector<std::string>{"label", "score", "similarity"}));
  EXPECT_EQ(object["labels"][1]["label"], "dog");
  EXPECT_EQ(object["labels"][1]["similarity"], 0.125);
  EXPECT_NE(line.find("\"start\":1.400000,\"end\":2.400000,"), std::string::npos);
}

TEST(JsonlForm, UnitsAndBoxesStandOnlyWhereTheyAre) {
  auto place = window(0, 1);
  place.box = Box{-1, 2, 30, 40};
  const TagRecord record{place, {{"rain", 0.75F, 0.25F, "weather"}}};
  const auto object = Parsed::parse(written("jsonl", {}, record));
  EXPECT_EQ(keys(object),
            (std::vector<std::string>{"file", "stream", "kind", "start", "end", "box", "labels"}));
  EXPECT_EQ(object["box"], (std::vector<int>{-1, 2, 30, 40}));
  EXPECT_EQ(keys(object["labels"][0]),
            (std::vector<std::string>{"unit", "label", "score", "similarity"}));
  EXPECT_EQ(object["labels"][0]["unit"], "weather");
  place.box_label = "a \"face\"";
  const auto embedded = Parsed::parse(written("jsonl", {}, EmbedRecord{place, {1}}));
  EXPECT_EQ(embedded["box_label"], "a \"face\"");
  EXPECT_EQ(embedded["box"].size(), 4U);
}

TEST(JsonlForm, KindsHaveTheirNames) {
  auto place = window(0, 0);
  for (const auto kind : {MediaKind::kVideo, MediaKind::kImage, MediaKind::kAudio}) {
    place.kind = kind;
    EXPECT_EQ(Parsed::parse(written("jsonl", {}, TagRecord{place, {}}))["kind"], to_string(kind));
  }
}

TEST(JsonlForm, NoLabelIsAnEmptyArray) {
  const auto object = Parsed::parse(written("jsonl", {}, TagRecord{window(0, 1), {}}));
  EXPECT_EQ(object["labels"], Parsed::array());
}

TEST(JsonlForm, EmbeddingsReadBackBitByBit) {
  std::mt19937 random(7);
  std::vector<float> embedding(20000);
  for (auto& value : embedding) value = random_float(random);
  const auto line = written("jsonl", {}, EmbedRecord{window(0, 1), embedding});
  const auto object = Parsed::parse(line);
  EXPECT_EQ(keys(object),
            (std::vector<std::string>{"file", "stream", "kind", "start", "end", "embedding"}));
  ASSERT_EQ(object["embedding"].size(), embedding.size());
  for (std::size_t i = 0; i < embedding.size(); ++i) {
    const auto back = static_cast<float>(object["embedding"][i].get<double>());
    ASSERT_EQ(std::bit_cast<std::uint32_t>(back), std::bit_cast<std::uint32_t>(embedding[i]));
  }
}

TEST(JsonlForm, NumbersHaveTheFewestDigitsThatReadBack) {
  std::mt19937 random(8);
  for (int i = 0; i < 20000; ++i) {
    const float value = random_float(random);
    const auto text = number(value);
    ASSERT_EQ(std::strtof(text.c_str(), nullptr), value) << text;
    const int digits = significant_digits(text);
    const bool is_whole = text.find_first_of(".e") == std::string::npos;  // all digits then
    if (digits < 2 || is_whole) continue;
    char shorter[400];
    std::snprintf(shorter, sizeof shorter, "%.*g", digits - 1, static_cast<double>(value));
    ASSERT_NE(std::strtof(shorter, nullptr), value) << text << " against " << shorter;
  }
}

TEST(JsonlForm, TimesHaveSixDecimals) {
  std::mt19937 random(9);
  std::uniform_real_distribution<double> seconds(-10, 1e7);
  for (int i = 0; i < 2000; ++i) {
    const double value = seconds(random);
    char expected[64];
    std::snprintf(expected, sizeof expected, "%.6f", value);
    std::string text;
    output::append_json_seconds(text, value);
    ASSERT_EQ(text, expected);
  }
  std::string text;
  output::append_json_seconds(text, -1e-9);
  EXPECT_EQ(text, "0.000000");
}

TEST(JsonlForm, AnyBytesBecomeValidJson) {
  std::mt19937 random(10);
  for (int i = 0; i < 5000; ++i) {
    auto place = window(0, 1, random_bytes(random, 12));
    const TagRecord record{place, {{random_bytes(random, 12), 0.5F, 0.5F}}};
    const auto line = written("jsonl", {}, record);
    ASSERT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    ASSERT_TRUE(Parsed::accept(line)) << i;  // refuses what is not UTF-8, too
  }
}

TEST(JsonlForm, BrokenUtf8IsReplacedAndTheRestKept) {
  const auto name = [](std::string bytes) {
    return Parsed::parse(
               written("jsonl", {}, TagRecord{window(0, 1, std::move(bytes)), {}}))["file"]
        .get<std::string>();
  };
  EXPECT_EQ(name("gr\xFC\xDF.mp4"), "gr\xEF\xBF\xBD\xEF\xBF\xBD.mp4");
  EXPECT_EQ(name("grüß \"日本\" \\ \t\x01\x7F"), "grüß \"日本\" \\ \t\x01\x7F");
}

TEST(JsonlForm, TextRecordHasTextAndEmbedding) {
  const auto line = written("jsonl", {}, TextRecord{"a \"cat\"", {0.6F, -0.8F}});
  EXPECT_EQ(line, "{\"text\":\"a \\\"cat\\\"\",\"embedding\":[0.6,-0.8]}\n");
}

TEST(JsonlForm, NumbersDoNotFollowTheLocale) {
  struct CommaNumbers : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    std::string do_grouping() const override { return "\3"; }
    char do_thousands_sep() const override { return '.'; }
  };
  const TagRecord record{window(12345.5, 12346.5), {{"cat", 0.5F, 0.25F}}};
  const auto before = written("jsonl", {}, record);
  const auto previous = std::locale::global(std::locale(std::locale::classic(), new CommaNumbers));
  const auto after = written("jsonl", {}, record);
  std::locale::global(previous);
  EXPECT_EQ(before, after);
}

TEST(JsonlForm, NothingIsWrittenForNumbersThatAreNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const auto& format : record_formats()) {
    std::ostringstream stream;
    const auto writer = make_record_writer(format.name, stream);
    EXPECT_THROW(writer->write(TagRecord{window(0, 1), {{"cat", nan, 0}}}), Error);
    EXPECT_THROW(writer->write(TagRecord{window(0, infinity), {}}), Error);
    EXPECT_THROW(writer->write(EmbedRecord{window(0, 1), {0, nan}}), Error);
    EXPECT_THROW(writer->write(TextRecord{"cat", {nan}}), Error);
    EXPECT_EQ(stream.str(), "");
  }
}

TEST(RecordForms, AnUnknownOneIsAnErrorThatNamesTheKnown) {
  std::ostringstream stream;
  try {
    make_record_writer("xml", stream);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    for (const auto& format : record_formats()) {
      EXPECT_NE(error.message().find(format.name), std::string::npos);
    }
  }
}

TEST(Json, TokenizedTextAndModelInfo) {
  const auto text = Parsed::parse(to_json(TokenizedText{{1, 2}, {1, 0}, {"a</w>", "\xFF"}}));
  EXPECT_EQ(keys(text), (std::vector<std::string>{"ids", "mask", "tokens"}));
  EXPECT_EQ(text["ids"], (std::vector<int>{1, 2}));
  EXPECT_EQ(text["tokens"][1], "\xEF\xBF\xBD");
  ModelInfo info;
  info.name = "folder \"x\"";
  info.parameters = 4'500'000;
  info.logit_scale = 100;
  const auto model = Parsed::parse(to_json(info));
  EXPECT_EQ(model["name"], info.name);
  EXPECT_EQ(model["parameters"], info.parameters);
  EXPECT_EQ(model["logit_scale"], info.logit_scale);
}

}  // namespace
}  // namespace clipclap
