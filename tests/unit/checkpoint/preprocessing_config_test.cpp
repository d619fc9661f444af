#include "checkpoint/preprocessing_config.h"

#include "support.h"

namespace clipclap::checkpoint {
namespace {

using media::Preprocessing;
using testing::HasSubstr;

Preprocessing parse(const std::string& text, int image_size = 224) {
  const std::map<std::string, std::string> contents{{"preprocessor_config.json", text}};
  return parse_preprocessing(in_memory(contents), image_size);
}

void expect_refused(const std::string& text, const std::string& key, const std::string& message,
                    ErrorCode code = ErrorCode::kInvalidData, int image_size = 224) {
  const auto error = error_of([&] { parse(text, image_size); });
  EXPECT_EQ(error.code(), code) << text;
  EXPECT_EQ(error.context(), "memory/preprocessor_config.json" + (key.empty() ? "" : ": " + key))
      << text;
  EXPECT_THAT(error.message(), HasSubstr(message)) << text;
}

TEST(PreprocessingConfig, NamesFileAndKeyOfWhatIsWrong) {
  expect_refused("3", "", "is 3, not an object");
  expect_refused(R"({"image_processor_type":"BlipImageProcessor"})", "image_processor_type",
                 "\"BlipImageProcessor\", which is not known; known are CLIPImageProcessor",
                 ErrorCode::kUnsupported);
  expect_refused(R"({"image_processor_type":7})", "image_processor_type", "is 7, not a string");
  expect_refused(R"({"size":"224"})", "size", "is \"224\"");
  expect_refused(R"({"size":224.0})", "size", "is 224.0");
  expect_refused(R"({"size":0})", "size", "must be from 1");
  expect_refused(R"({"size":[224]})", "size", "list");
  expect_refused(R"({"size":{"height":224}})", "size", "must be a number, [height, width]");
  expect_refused(R"({"size":{"height":224,"width":224,"shortest_edge":224}})", "size", "must be");
  expect_refused(R"({"size":{"longest_edge":224}})", "size", "must be", ErrorCode::kUnsupported);
  expect_refused(R"({"size":{"max_height":224,"max_width":224}})", "size", "must be",
                 ErrorCode::kUnsupported);
  expect_refused(R"({"crop_size":{"shortest_edge":224}})", "crop_size", "height and a width");
  expect_refused(R"({"resample":6})", "resample", "from 0 to 5");
  expect_refused(R"({"resample":"bicubic"})", "resample", "\"bicubic\"");
  expect_refused(R"({"resample":null})", "resample", "is null");
  expect_refused(R"({"rescale_factor":null})", "rescale_factor", "is null");
  expect_refused(R"({"do_resize":"yes"})", "do_resize", "\"yes\"");
  expect_refused(R"({"rescale_factor":"x"})", "rescale_factor", "not a number");
  expect_refused(R"({"image_mean":[0.5,0.5]})", "image_mean", "has 2 numbers");
  expect_refused(R"({"image_mean":[0.5,0.5,"a"]})", "image_mean", "not a number");
  expect_refused(R"({"image_std":[0.5,0,0.5]})", "image_std", "is 0");
  expect_refused(R"({"image_processor_type":"CLIPImageProcessorFast","do_pad":true})", "do_pad",
                 "is on", ErrorCode::kUnsupported);
  expect_refused(R"({"image_processor_type":"CLIPImageProcessorFast","size":null})", "size",
                 "is null");
}

TEST(PreprocessingConfig, MustFitTheTower) {
  expect_refused("{}", "crop_size", "224 by 224 pixels, but the tower takes 336 by 336",
                 ErrorCode::kInvalidData, 336);
  expect_refused(R"({"crop_size":{"height":224,"width":240}})", "crop_size", "240 by 224");
  expect_refused(R"({"do_center_crop":false})", "do_center_crop", "keep their shape",
                 ErrorCode::kUnsupported);
  expect_refused(R"({"do_center_crop":false,"do_resize":false})", "do_center_crop",
                 "keep their shape", ErrorCode::kUnsupported);
  expect_refused(R"({"do_center_crop":false,"size":[224,256]})", "size", "256 by 224");
}

TEST(PreprocessingConfig, NeedsAFile) {
  const std::map<std::string, std::string> nothing;
  const auto missing = error_of([&] { parse_preprocessing(in_memory(nothing), 224); });
  EXPECT_EQ(missing.code(), ErrorCode::kNotFound);
  EXPECT_THAT(missing.message(), HasSubstr("preprocessor_config.json"));
  const std::map<std::string, std::string> bare{
      {"processor_config.json", R"({"processor_class":"CLIPProcessor"})"}};
  const auto empty = error_of([&] { parse_preprocessing(in_memory(bare), 224); });
  EXPECT_EQ(empty.code(), ErrorCode::kNotFound);
  EXPECT_THAT(empty.message(), HasSubstr("has no image_processor"));
}

TEST(PreprocessingConfig, NamesThePlaceInsideAProcessorConfig) {
  const std::map<std::string, std::string> contents{
      {"processor_config.json", R"({"image_processor":{"size":"x"}})"}};
  const auto error = error_of([&] { parse_preprocessing(in_memory(contents), 224); });
  EXPECT_EQ(error.context(), "memory/processor_config.json: image_processor.size");
}

}  // namespace
}  // namespace clipclap::checkpoint
