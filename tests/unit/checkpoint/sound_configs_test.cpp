// Configs of models that hear: what is refused, and where it is said to be.
#include "base/json.h"
#include "checkpoint/audio_preprocessing_config.h"
#include "checkpoint/clap_config.h"
#include "checkpoint/msclap_config.h"
#include "support.h"

namespace clipclap::checkpoint {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

void expect_error(const Error& error, const std::string& key, const std::string& message,
                  ErrorCode code) {
  EXPECT_EQ(error.code(), code) << error.what();
  EXPECT_THAT(error.context(), EndsWith(key)) << error.what();
  EXPECT_THAT(error.message(), HasSubstr(message));
}

void expect_audio_refused(const std::string& fields, const std::string& key,
                          const std::string& message, ErrorCode code = ErrorCode::kInvalidData) {
  const auto json = parse_json("{\"audio_config\":{" + fields + "}}", "config.json");
  expect_error(error_of([&] { parse_clap_config(json, "config.json"); }),
               "config.json: audio_config." + key, message, code);
}

TEST(ClapConfig, RefusesTowersThatDoNotFitTogether) {
  expect_audio_refused(R"("hidden_size":1024)", "hidden_size", "is 1024, but the last");
  expect_audio_refused(R"("depths":[2,2,2])", "hidden_size", "last of 3 stages is 384 wide");
  expect_audio_refused(R"("depths":[])", "depths", "1 to 8 numbers");
  expect_audio_refused(R"("depths":4)", "depths", "must be a list");
  expect_audio_refused(R"("depths":[2,2,-1,2])", "depths", "is -1");
  expect_audio_refused(R"("depths":[2,2,2,2,2])", "num_attention_heads", "4 numbers for 5 stages");
  expect_audio_refused(R"("num_attention_heads":[4,8,16,31])", "num_attention_heads",
                       "gives stage 3 31 heads");
  expect_audio_refused(R"("window_size":9)", "window_size", "stage 3 has only 8 patches");
  expect_audio_refused(R"("num_mel_bins":60)", "spec_size", "no multiple of the 60");
  expect_audio_refused(R"("spec_size":192,"num_mel_bins":64,"patch_stride":32,"patch_size":32)",
                       "depths", "does not halve");
  expect_audio_refused(R"("patch_size":5)", "patch_stride", "even number");
  expect_audio_refused(R"("patch_size":2)", "patch_stride", "is 4");
  expect_audio_refused(R"("mlp_ratio":0)", "mlp_ratio", "wider than nothing");
  expect_audio_refused(R"("mlp_ratio":1e300)", "mlp_ratio", "64 times");
  expect_audio_refused(R"("layer_norm_eps":-1)", "layer_norm_eps", "negative");
  expect_audio_refused(R"("qkv_bias":"yes")", "qkv_bias", "is \"yes\"");
}

TEST(ClapConfig, RefusesWhatTheReferenceCannotRun) {
  const auto code = ErrorCode::kUnsupported;
  expect_audio_refused(R"("patch_stride":[4,2])", "patch_stride", "4 by 2", code);
  expect_audio_refused(R"("patch_embed_input_channels":2)", "patch_embed_input_channels", "not 1",
                       code);
  expect_audio_refused(R"("flatten_patch_embeds":false)", "flatten_patch_embeds", "off", code);
  expect_audio_refused(R"("enable_fusion":true,"fusion_type":"channel_map")", "fusion_type",
                       "channel_map", code);
  expect_audio_refused(R"("enable_fusion":true,"aff_block_r":97)", "aff_block_r", "nothing of 96");
  const auto text =
      parse_json(R"({"text_config":{"position_embedding_type":"relative_key"}})", "c");
  expect_error(error_of([&] { parse_clap_config(text, "c"); }),
               "text_config.position_embedding_type", "absolute", code);
  const auto few = parse_json(R"({"text_config":{"max_position_embeddings":3}})", "c");
  expect_error(error_of([&] { parse_clap_config(few, "c"); }), "max_position_embeddings",
               "no room for text", ErrorCode::kInvalidData);
}

void expect_extractor_refused(const std::string& json, const std::string& key,
                              const std::string& message,
                              ErrorCode code = ErrorCode::kInvalidData) {
  const std::map<std::string, std::string> contents{{"preprocessor_config.json", json}};
  expect_error(error_of([&] { parse_audio_preprocessing(in_memory(contents)); }), key, message,
               code);
}

TEST(AudioPreprocessing, RefusesWhatCannotBe) {
  expect_extractor_refused(R"({"sampling_rate":0})", "sampling_rate", "must be from 1");
  expect_extractor_refused(R"({"sampling_rate":48000.5})", "sampling_rate", "whole number");
  expect_extractor_refused(R"({"hop_length":0})", "hop_length", "must be from 1");
  expect_extractor_refused(R"({"frequency_min":14000})", "frequency_min", "below frequency_max");
  expect_extractor_refused(R"({"frequency_min":-1})", "frequency_min", "must lie from 0");
  expect_extractor_refused(R"({"sampling_rate":100,"max_length_s":1})", "fft_window_size",
                           "too long for windows of 100 samples");
  expect_extractor_refused(R"({"padding":"mirror"})", "padding", "repeatpad, repeat, pad",
                           ErrorCode::kUnsupported);
  expect_extractor_refused(R"({"truncation":"middle"})", "truncation", "fusion, rand_trunc",
                           ErrorCode::kUnsupported);
  expect_extractor_refused(R"({"feature_extractor_type":"EncodecFeatureExtractor"})",
                           "feature_extractor_type", "ClapFeatureExtractor",
                           ErrorCode::kUnsupported);
  expect_extractor_refused("[]", "preprocessor_config.json", "is a list");
}

TEST(MsclapConfig, RefusesWhatHasNoWeights) {
  const auto refused = [](const std::string& json, const std::string& key,
                          const std::string& message, ErrorCode code) {
    const auto parsed = parse_json(json, "config.json");
    expect_error(error_of([&] { parse_msclap_config(parsed, "config.json"); }), key, message, code);
  };
  refused(R"({"audioenc_name":"Cnn10"})", "audioenc_name", "HTSAT and Cnn14",
          ErrorCode::kUnsupported);
  refused(R"({"text_model":"roberta-base"})", "text_model", "gpt2", ErrorCode::kUnsupported);
  refused(R"({"duration":8})", "out_emb", "has 1103 frames", ErrorCode::kInvalidData);
  refused(R"({"text_config":{"n_head":5}})", "n_head", "does not divide", ErrorCode::kInvalidData);
  refused(R"({"transformer_embed_dim":512})", "transformer_embed_dim", "768 wide",
          ErrorCode::kInvalidData);
  refused(R"({"text_len":2000})", "text_len", "must be from", ErrorCode::kInvalidData);
  const auto config = parse_msclap_config(msclap_2022_config(), "config.json");
  EXPECT_EQ(config.sound_tower, MsclapConfig::SoundTower::kCnn14);
  EXPECT_EQ(config.text_tower, MsclapConfig::TextTower::kBert);
}

}  // namespace
}  // namespace clipclap::checkpoint
