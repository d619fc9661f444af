#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <clipclap/boxes.h>
#include <clipclap/error.h>

namespace clipclap {
namespace {

class ReadBoxes : public testing::Test {
 protected:
  ~ReadBoxes() override { std::filesystem::remove(path_); }

  std::vector<DetectedBox> read(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return read_boxes(path_);
  }

  Error refusal(const std::string& text) const {
    try {
      read(text);
    } catch (const Error& error) {
      return error;
    }
    return {ErrorCode::kInternal, "was read"};
  }

  // Tests run side by side.
  std::string path_ =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".jsonl";
};

TEST_F(ReadBoxes, LinesSayWhereWhenAndWhat) {
  const auto boxes = read(
      "\xEF\xBB\xBF{\"box\":[1,2,30,40],\"start\":1.5,\"file\":\"a.mp4\",\"label\":\"car\"}\r\n"
      "\n"
      R"({"box":[5,6,7,8],"frame":3,"score":0.9,"file":null})"
      "\n"
      R"({"box":[0,0,1,1]})");
  ASSERT_EQ(boxes.size(), 3U);
  EXPECT_EQ(boxes[0].box, (Box{1, 2, 30, 40}));
  EXPECT_EQ(boxes[0].start_seconds, 1.5);
  EXPECT_FALSE(boxes[0].frame);
  EXPECT_EQ(boxes[0].file, "a.mp4");
  EXPECT_EQ(boxes[0].label, "car");
  EXPECT_EQ(boxes[1].frame, 3);
  EXPECT_FALSE(boxes[1].start_seconds);
  EXPECT_EQ(boxes[1].file, "");
  EXPECT_FALSE(boxes[2].start_seconds || boxes[2].frame);
}

TEST_F(ReadBoxes, RecordsWithBoxesAreReadBack) {
  const auto boxes =
      read(R"({"file":"f.mp4","stream":"v:0","kind":"video","start":0.040000,"end":0.080000,)"
           R"("box":[8,9,10,11],"box_label":"Bär","labels":[{"label":"cat","score":1}]})");
  ASSERT_EQ(boxes.size(), 1U);
  EXPECT_EQ(boxes[0].label, "Bär");
  EXPECT_EQ(boxes[0].start_seconds, 0.04);
}

TEST_F(ReadBoxes, FractionsGrowOutwards) {
  const auto box = [&](const std::string& numbers) {
    return read(R"({"frame":0,"box":[)" + numbers + "]}").at(0).box;
  };
  EXPECT_EQ(box("1.5,2.25,3.0,4.5"), (Box{1, 2, 4, 5}));
  EXPECT_EQ(box("-1.5,0,3,1"), (Box{-2, 0, 4, 1}));
  EXPECT_EQ(box("10.00001,20,29.99999,5.00001"), (Box{10, 20, 30, 5}));
  EXPECT_EQ(box("0.5,0.5,0,-3"), (Box{0, 0, 0, 0}));
  EXPECT_EQ(box("0.9999,0,0.0002,1"), (Box{1, 0, 1, 1}));
  const auto far = box("-1e300,1e300,1e300,1");
  EXPECT_LT(far.x, -1'000'000);
  EXPECT_GT(far.y, 1'000'000);
}

TEST_F(ReadBoxes, WhatIsWrongIsToldWithItsLine) {
  const std::string good = "{\"box\":[0,0,1,1],\"frame\":0}\n";
  const std::pair<std::string, std::string> cases[] = {
      {"boxes", "JSON object"},
      {"[0,0,1,1]", "JSON object"},
      {"{\"box\":[0,0,1,1]} {}", "JSON object"},
      {std::string("{\"box\":[0,0,1,1]}\0", 18), "JSON object"},
      {"{\"box\":[0,0,1e999,1]}", "JSON object"},
      {std::string(100'000, '['), "JSON object"},
      {"{\"frame\":0}", "\"box\""},
      {"{\"box\":[0,0,1]}", "four numbers"},
      {"{\"box\":[0,0,1,\"1\"]}", "four numbers"},
      {"{\"box\":{\"x\":0}}", "four numbers"},
      {"{\"box\":[0,0,1,1],\"frame\":0,\"start\":0}", "both"},
      {"{\"box\":[0,0,1,1],\"frame\":-1}", "\"frame\""},
      {"{\"box\":[0,0,1,1],\"frame\":1.5}", "\"frame\""},
      {"{\"box\":[0,0,1,1],\"frame\":18446744073709551615}", "\"frame\""},
      {"{\"box\":[0,0,1,1],\"start\":\"0\"}", "\"start\""},
      {"{\"box\":[0,0,1,1],\"label\":7}", "\"label\""},
      {"{\"box\":[0,0,1,1],\"label\":\"B\xE4r\"}", "UTF-8"},
  };
  for (const auto& [line, expected] : cases) {
    const auto error = refusal(good + line + "\n" + good);
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << line.substr(0, 80);
    EXPECT_EQ(error.context(), path_ + ", line 2");
    EXPECT_NE(error.message().find(expected), std::string::npos) << error.message();
  }
}

TEST_F(ReadBoxes, AFileThatIsNotThereIsSaidSo) {
  try {
    read_boxes("/nowhere/boxes.jsonl");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_EQ(error.context(), "/nowhere/boxes.jsonl");
  }
}

}  // namespace
}  // namespace clipclap
