#include "checkpoint/clip_config.h"

#include "base/json.h"
#include "support.h"

namespace clipclap::checkpoint {
namespace {

using testing::HasSubstr;

ClipConfig parse(const std::string& text) {
  return parse_clip_config(parse_json(text, "config.json"), "config.json");
}

void expect_refused(const std::string& text, const std::string& context, const std::string& message,
                    ErrorCode code = ErrorCode::kInvalidData) {
  const auto error = error_of([&] { parse(text); });
  EXPECT_EQ(error.code(), code) << text;
  EXPECT_EQ(error.context(), context) << text;
  EXPECT_THAT(error.message(), HasSubstr(message)) << text;
}

TEST(ClipConfig, NamesFileAndKeyOfWhatIsWrong) {
  expect_refused("[]", "config.json", "is a list, not an object");
  expect_refused(R"({"vision_config":3})", "config.json: vision_config", "is 3, not an object");
  expect_refused(R"({"text_config_dict":[]})", "config.json: text_config_dict", "is a list");
  const auto vision = [](const std::string& fields) {
    return "{\"vision_config\":{" + fields + "}}";
  };
  const std::string size = "config.json: vision_config.hidden_size";
  expect_refused(vision(R"("hidden_size":"768")"), size, "is \"768\", not a whole number");
  expect_refused(vision(R"("hidden_size":768.0)"), size, "is 768.0, not a whole number");
  expect_refused(vision(R"("hidden_size":true)"), size, "is true");
  expect_refused(vision(R"("hidden_size":null)"), size, "is null");
  expect_refused(vision(R"("hidden_size":0)"), size, "must be from 1");
  expect_refused(vision(R"("hidden_size":-768)"), size, "is -768");
  expect_refused(vision(R"("hidden_size":4294968064)"), size, "is 4294968064");
  expect_refused(vision(R"("hidden_size":18446744073709551615)"), size, "18446744073709551615");
  expect_refused(vision(R"("hidden_size":770)"), size, "12 heads");
  expect_refused(vision(R"("layer_norm_eps":"1e-5")"), "config.json: vision_config.layer_norm_eps",
                 "not a number");
  expect_refused(vision(R"("layer_norm_eps":-1)"), "config.json: vision_config.layer_norm_eps",
                 "negative");
  expect_refused(vision(R"("num_channels":1)"), "config.json: vision_config.num_channels", "is 1",
                 ErrorCode::kUnsupported);
  expect_refused(vision(R"("hidden_act":"mish")"), "config.json: vision_config.hidden_act",
                 "\"mish\" is not known; known are quick_gelu", ErrorCode::kUnsupported);
  expect_refused(vision(R"("hidden_act":null)"), "config.json: vision_config.hidden_act",
                 "is null");
  expect_refused(vision(R"("image_size":[224,336])"), "config.json: vision_config.image_size",
                 "224 by 336", ErrorCode::kUnsupported);
  expect_refused(vision(R"("image_size":[224])"), "config.json: vision_config.image_size", "list");
  expect_refused(vision(R"("patch_size":225)"), "config.json: vision_config.patch_size",
                 "into 0 patches");
  expect_refused(vision(R"("patch_size":1,"image_size":4096)"),
                 "config.json: vision_config.patch_size", "16777216 patches");
  expect_refused(R"({"text_config":{"eos_token_id":null}})",
                 "config.json: text_config.eos_token_id", "is null");
  expect_refused(R"({"text_config":{"eos_token_id":[2]}})", "config.json: text_config.eos_token_id",
                 "is a list");
  expect_refused(R"({"text_config":{"vocab_size":1000000000}})",
                 "config.json: text_config.vocab_size", "must be from 1");
  expect_refused(R"({"projection_dim":null})", "config.json: projection_dim", "is null");
}

TEST(ClipConfig, TakesTheProjectionFromTheTop) {
  EXPECT_EQ(parse(R"({"vision_config":{"projection_dim":768}})").projection_dim, 512);
}

TEST(ClipConfig, TakesSquaresAsLists) {
  const auto config = parse(R"({"vision_config":{"image_size":[336,336],"patch_size":[14,14]}})");
  EXPECT_EQ(config.vision.image_size, 336);
  EXPECT_EQ(config.vision.patch_size, 14);
}

TEST(ModelType, IsReadWhereItIsThere) {
  EXPECT_EQ(read_model_type(Json::parse(R"({"model_type":"clip"})")), "clip");
  EXPECT_EQ(read_model_type(Json::parse("{}")), "");
  EXPECT_EQ(read_model_type(Json::parse(R"({"model_type":null})")), "");
  EXPECT_EQ(read_model_type(Json::parse("[]")), "");
}

TEST(Activation, NamesComeBack) {
  for (const auto activation : {Activation::kQuickGelu, Activation::kGelu, Activation::kGeluTanh,
                                Activation::kRelu, Activation::kSilu}) {
    EXPECT_EQ(parse_activation(std::string(to_string(activation)), ""), activation);
  }
}

}  // namespace
}  // namespace clipclap::checkpoint
