#include <gtest/gtest.h>

#include <clipclap/error.h>

#include "record_samples.h"

namespace clipclap {
namespace {

constexpr auto kHeading =
    "file,stream,kind,start,end,silent,unit,label,score,similarity,x,y,width,height,box_label\r\n";

std::string heading_and(const std::string& lines) { return kHeading + lines; }

TEST(CsvForm, ALineALabel) {
  const TagRecord record{window(1.4, 2.4), {{"cat", 0.75F, 0.25F}, {"dog", 0.25F, 0.125F, "pet"}}};
  EXPECT_EQ(written("csv", {}, record),
            heading_and("clip.mp4,v:0,video,1.400000,2.400000,false,,cat,0.75,0.25,,,,,\r\n"
                        "clip.mp4,v:0,video,1.400000,2.400000,false,pet,dog,0.25,0.125,,,,,\r\n"));
}

TEST(CsvForm, SilenceAndBoxesHaveTheirColumns) {
  auto silent = window(0, 1);
  silent.is_silent = true;
  auto boxed = window(0, 1);
  boxed.box = Box{-1, 2, 30, 40};
  boxed.box_label = "a face";
  EXPECT_EQ(
      written("csv", {}, TagRecord{silent, {}}, TagRecord{boxed, {{"cat", 1, 1}}}),
      heading_and("clip.mp4,v:0,video,0.000000,1.000000,true,,,,,,,,,\r\n"
                  "clip.mp4,v:0,video,0.000000,1.000000,false,,cat,1,1,-1,2,30,40,a face\r\n"));
}

TEST(CsvForm, QuotesWhatWouldEndAField) {
  const TagRecord record{window(0, 1, "a,b\r\n\"c\".mp4"), {{"gr\xFC\xDF", 1, 1}}};
  EXPECT_EQ(written("csv", {}, record),
            heading_and("\"a,b\r\n\"\"c\"\".mp4\",v:0,video,0.000000,1.000000,false,,"
                        "gr\xEF\xBF\xBD\xEF\xBF\xBD,1,1,,,,,\r\n"));
}

TEST(CsvForm, TheHeadingComesWithoutRecordsToo) {
  EXPECT_EQ(written("csv", {}), kHeading);
  EXPECT_EQ(written("csv", {}, TagRecord{window(0, 1), {}}), kHeading);
}

TEST(TagForms, EmbeddingsAreRefusedWithTheRemedy) {
  for (const auto& format : record_formats()) {
    const auto write = [&] { written(format.name, {}, EmbedRecord{window(0, 1), {1}}); };
    if (format.takes_embeddings) {
      EXPECT_NO_THROW(write());
      continue;
    }
    EXPECT_THROW(written(format.name, {}, TextRecord{"cat", {1}}), Error);
    try {
      write();
      FAIL() << format.name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(error.message().find("jsonl takes them"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace clipclap
