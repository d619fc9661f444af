#include "checkpoint/open_clip_config.h"

#include "base/json.h"
#include "checkpoint/open_clip_preprocessing.h"
#include "support.h"

namespace clipclap::checkpoint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kFile = "open_clip_config.json";

OpenClipConfig parse(const std::string& model_cfg) {
  return parse_open_clip_config(parse_json("{\"model_cfg\":" + model_cfg + "}", kFile), kFile);
}

media::Preprocessing parse_pictures(const std::string& preprocess_cfg) {
  const auto json = parse_json("{\"preprocess_cfg\":" + preprocess_cfg + "}", kFile);
  return parse_open_clip_preprocessing(json, kFile, 224);
}

TEST(OpenClipConfig, FillsInItsDefaults) {
  const auto config = parse(R"({"embed_dim":512,"vision_cfg":{},"text_cfg":{}})");
  EXPECT_EQ(config.embedding_dimension, 512);
  EXPECT_FALSE(config.has_logit_bias);
  EXPECT_EQ(config.vision.transformer.hidden_size, 768);
  EXPECT_EQ(config.vision.transformer.head_count, 12);
  EXPECT_EQ(config.vision.patch_size, 16);
  EXPECT_EQ(config.vision.pool, PicturePool::kClassToken);
  EXPECT_EQ(config.text.transformer.hidden_size, 512);
  EXPECT_EQ(config.text.transformer.intermediate_size, 2048);
  EXPECT_EQ(config.text.position_count, 77);
  EXPECT_EQ(config.text.pool, TextPool::kLargestId);
  EXPECT_EQ(config.text.projection, Projection::kMatrix);
  EXPECT_TRUE(config.text.causal);
}

TEST(OpenClipConfig, ReadsASiglipWithATrunkOfTimms) {
  const auto config = parse(R"({"embed_dim":1152,"init_logit_bias":-10,"quick_gelu":true,
    "vision_cfg":{"image_size":384,"timm_model_name":"vit_so400m_patch14_siglip_384",
                  "timm_pool":"map","timm_proj":"none"},
    "text_cfg":{"no_causal_mask":true,"pool_type":"last","proj_bias":true,
                "hf_tokenizer_name":"timm/ViT-B-16-SigLIP","tokenizer_kwargs":{"clean":"canonicalize"}}})");
  EXPECT_TRUE(config.has_logit_bias);
  EXPECT_TRUE(config.vision.is_timm);
  EXPECT_EQ(config.vision.transformer.intermediate_size, 4304);
  EXPECT_EQ(config.vision.transformer.activation, Activation::kGelu) << "trunks ignore quick_gelu";
  EXPECT_EQ(config.text.transformer.activation, Activation::kQuickGelu);
  EXPECT_EQ(config.vision.pool, PicturePool::kAttention);
  EXPECT_EQ(config.vision.projection, Projection::kNone);
  EXPECT_EQ(config.text.projection, Projection::kLinearWithBias);
  EXPECT_EQ(config.text.tokenizer.cleaning, "canonicalize");
  EXPECT_FALSE(config.text.causal);
}

TEST(OpenClipConfig, NamesTheTowerThatIsNotKnown) {
  const auto error = error_of([] {
    parse(R"({"embed_dim":512,"text_cfg":{},"vision_cfg":{"timm_model_name":"fastvit_mci2"}})");
  });
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(error.context(), "open_clip_config.json: model_cfg.vision_cfg.timm_model_name");
  EXPECT_EQ(
      error.message(),
      "is \"fastvit_mci2\", a FastViT (MobileCLIP), which clipclap does not compute itself; a "
      "TorchScript export of the model works");
}

TEST(OpenClipConfig, NamesAKeyThatIsNotKnown) {
  const auto error = error_of([] {
    parse(R"({"embed_dim":512,"text_cfg":{},"vision_cfg":{"norm_kwargs":{"epsilon":1}}})");
  });
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(error.context(), "open_clip_config.json: model_cfg.vision_cfg.norm_kwargs.epsilon");
}

TEST(OpenClipConfig, TellsSiglipsFromClips) {
  const auto holds_bias = [](const char* text) { return has_logit_bias(parse_json(text, kFile)); };
  EXPECT_TRUE(holds_bias(R"({"model_cfg":{"init_logit_bias":-10}})"));
  EXPECT_FALSE(holds_bias(R"({"model_cfg":{"init_logit_bias":null}})"));
  EXPECT_FALSE(holds_bias(R"({"model_cfg":[]})"));
  EXPECT_FALSE(holds_bias("[]"));
  EXPECT_TRUE(is_open_clip_config(parse_json(R"({"model_cfg":3})", kFile)));
  EXPECT_FALSE(is_open_clip_config(parse_json(R"({"model_type":"clip"})", kFile)));
}

TEST(OpenClipPreprocessing, FillsInItsDefaults) {
  const auto result = parse_open_clip_preprocessing(parse_json("{}", kFile), kFile, 224);
  EXPECT_EQ(result.resize, media::Preprocessing::Resize::kShortestEdge);
  EXPECT_EQ(result.filter, media::Filter::kBicubic);
  EXPECT_EQ(result.centering, media::Preprocessing::Centering::kTorchvision);
  EXPECT_TRUE(result.center_crop);
  EXPECT_EQ(result.crop_width, 224);
  EXPECT_THAT(result.mean, ElementsAre(0.48145466, 0.4578275, 0.40821073));
  EXPECT_DOUBLE_EQ(result.rescale, 1.0 / 255);
}

TEST(OpenClipPreprocessing, ReadsWhatTheFileSays) {
  const auto result = parse_pictures(
      R"({"resize_mode":"squash","interpolation":"bilinear","mean":0.5,"std":[1,2,3],"size":7})");
  EXPECT_EQ(result.resize, media::Preprocessing::Resize::kSquash);
  EXPECT_EQ(result.resize_height, 224);
  EXPECT_EQ(result.filter, media::Filter::kBilinear);
  EXPECT_FALSE(result.center_crop);
  EXPECT_THAT(result.mean, ElementsAre(0.5, 0.5, 0.5));
  EXPECT_THAT(result.std, ElementsAre(1, 2, 3));
  const auto error = error_of([] { parse_pictures(R"({"resize_mode":"fit"})"); });
  EXPECT_EQ(error.context(), "open_clip_config.json: preprocess_cfg.resize_mode");
  EXPECT_THAT(error.message(), HasSubstr("shortest, longest, squash"));
}

}  // namespace
}  // namespace clipclap::checkpoint
