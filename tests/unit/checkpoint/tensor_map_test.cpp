#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "checkpoint/safetensors.h"
#include "support.h"

namespace clipclap::checkpoint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string floats(const std::string& name, std::size_t count) {
  return safetensors_file(
      fmt::format(R"({{"{}":{{"dtype":"F32","shape":[{}],"data_offsets":[0,{}]}}}})", name, count,
                  4 * count),
      4 * count);
}

Error error_of_map(const std::map<std::string, std::string>& contents) {
  return error_of([&] { TensorMap tensors(in_memory(contents)); });
}

const std::string kMixed = safetensors_file(
    R"({"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},)"
    R"("text_model.embeddings.position_ids":{"dtype":"I64","shape":[1,77],"data_offsets":[6,622]},)"
    R"("w":{"dtype":"F32","shape":[2,1],"data_offsets":[622,630]}})",
    630);

TEST(TensorMap, HandsOutTensorsOfTheShapeAskedFor) {
  const std::map<std::string, std::string> contents{{"model.safetensors", kMixed}};
  TensorMap tensors(in_memory(contents));
  EXPECT_EQ(tensors.find("nothing"), nullptr);
  ASSERT_NE(tensors.find("w"), nullptr);
  EXPECT_THAT(tensors.unused(), ElementsAre("h", "w")) << "a look is no use; buffers are no news";

  const std::array<std::int64_t, 2> shape{2, 1};
  EXPECT_EQ(tensors.require("w", shape).data.size(), 8U);
  EXPECT_THAT(tensors.unused(), ElementsAre("h"));
  EXPECT_EQ(tensors.parameter_count(), 5U);
  EXPECT_EQ(tensors.main_type(), DataType::kFloat16);
}

/// Bytes of files in the memory of this process, as the system counts them (proc(5), statm).
std::int64_t mapped_bytes_in_memory() {
  std::int64_t size = 0;
  std::int64_t resident = 0;
  std::int64_t of_files = 0;
  std::ifstream("/proc/self/statm") >> size >> resident >> of_files;
  return of_files * ::sysconf(_SC_PAGESIZE);
}

TEST(TensorMap, KeepsTensorsBeforeOutOfMemory) {
  constexpr std::int64_t kBytes = 32 << 20;
  auto file =
      safetensors_file(fmt::format(R"({{"a":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}},)"
                                   R"("b":{{"dtype":"U8","shape":[1],"data_offsets":[{0},{1}]}}}})",
                                   kBytes, kBytes + 1),
                       0);
  file.append(kBytes + 1, 'x');
  const TemporaryFolder folder;
  folder.write("model.safetensors", file);
  TensorMap tensors(CheckpointFiles::open(folder.path().string()));
  const auto is_whole = [](std::span<const std::byte> data) {
    return std::all_of(data.begin(), data.end(), [](auto byte) { return byte == std::byte{'x'}; });
  };

  const std::array<std::int64_t, 1> shape{kBytes};
  const auto before = mapped_bytes_in_memory();
  const auto first = tensors.require("a", shape).data;
  EXPECT_TRUE(is_whole(first));
  const auto read = mapped_bytes_in_memory();
  EXPECT_GT(read - before, kBytes / 2) << "the test sees what is read";
  tensors.require("b", std::array<std::int64_t, 1>{1});
  EXPECT_LT(mapped_bytes_in_memory() - before, kBytes / 2);
  EXPECT_TRUE(is_whole(first)) << "it is read again where it is used again";
}

TEST(TensorMap, NamesWhatIsMissingOrMisshaped) {
  const std::map<std::string, std::string> contents{{"model.safetensors", kMixed}};
  TensorMap tensors(in_memory(contents));
  const std::array<std::int64_t, 2> shape{1, 2};
  const auto misshaped = error_of([&] { tensors.require("w", shape); });
  EXPECT_EQ(misshaped.code(), ErrorCode::kInvalidData);
  EXPECT_EQ(misshaped.context(), "memory/model.safetensors");
  EXPECT_EQ(misshaped.message(), "tensor \"w\" has shape [2, 1], but the config asks for [1, 2]");
  const auto missing = error_of([&] { tensors.require("v", shape); });
  EXPECT_EQ(missing.code(), ErrorCode::kInvalidData);
  EXPECT_THAT(missing.message(), HasSubstr("tensor \"v\" of shape [1, 2] is missing"));
  EXPECT_THAT(tensors.unused(), ElementsAre("h", "w")) << "a refused tensor is not used";
}

TEST(TensorMap, ReadsShards) {
  const std::map<std::string, std::string> contents{
      {"model.safetensors.index.json",
       R"({"metadata":{},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})"},
      {"1.safetensors", floats("a", 3)},
      {"2.safetensors", floats("b", 4)}};
  const TensorMap tensors(in_memory(contents));
  EXPECT_EQ(tensors.parameter_count(), 7U);
  EXPECT_EQ(tensors.find("b")->file, "memory/2.safetensors");
}

TEST(TensorMap, ASingleFileWinsOverAnIndex) {
  const std::map<std::string, std::string> contents{{"model.safetensors.index.json", "{}"},
                                                    {"model.safetensors", floats("a", 3)}};
  EXPECT_EQ(TensorMap(in_memory(contents)).parameter_count(), 3U);
}

TEST(TensorMap, RefusesAnIndexThatDoesNotHold) {
  const auto with_index = [](const std::string& index) {
    return error_of_map({{"model.safetensors.index.json", index},
                         {"1.safetensors", floats("a", 3)},
                         {"2.safetensors", floats("a", 4)},
                         {"3.safetensors", floats("c", 4)}});
  };
  const auto lost = with_index(R"({"weight_map":{"a":"1.safetensors","b":"1.safetensors"}})");
  EXPECT_EQ(lost.code(), ErrorCode::kInvalidData);
  EXPECT_THAT(lost.message(), HasSubstr("tensor \"b\" is not in memory/1.safetensors"));
  EXPECT_THAT(with_index(R"({"weight_map":{"a":"3.safetensors","c":"1.safetensors"}})").message(),
              HasSubstr("tensor \"a\" is not in memory/3.safetensors"));
  const auto twice = with_index(R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
  EXPECT_THAT(twice.message(), HasSubstr("tensor \"a\" is in memory/1.safetensors too"));
  EXPECT_EQ(twice.context(), "memory/2.safetensors");
  EXPECT_THAT(with_index(R"({"weight_map":{"a":"gone.safetensors"}})").message(),
              HasSubstr("\"gone.safetensors\", which is not there"));
  for (const auto* outside : {"../1.safetensors", "/etc/passwd", "x/../../y", "", ".", "x/"}) {
    EXPECT_THAT(with_index(R"({"weight_map":{"a":")" + std::string(outside) + "\"}}").message(),
                HasSubstr("not inside the folder"))
        << outside;
  }
  for (const auto* wrong : {"[]", "{}", R"({"weight_map":[]})", R"({"weight_map":{}})", "3"}) {
    EXPECT_THAT(with_index(wrong).message(), HasSubstr("no weight_map")) << wrong;
  }
  EXPECT_THAT(with_index(R"({"weight_map":{"a":1}})").message(), HasSubstr("no string"));
  EXPECT_THAT(with_index("{").message(), HasSubstr("not valid JSON"));
}

TEST(TensorMap, SaysWhatAPickleMustBe) {
  const auto error = error_of_map({{"pytorch_model.bin", "x"}});
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_THAT(error.message(), HasSubstr("torch.save"));
  EXPECT_THAT(error.context(), HasSubstr("pytorch_model.bin"));
}

TEST(TensorMap, TakesThePackagingsNamesInTheirOrder) {
  const auto one = floats("a", 1);
  const auto two = floats("a", 2);
  const auto elements = [](const std::map<std::string, std::string>& contents) {
    return TensorMap(in_memory(contents), kOpenClipWeights).parameter_count();
  };
  EXPECT_EQ(elements({{"open_clip_model.safetensors", one}, {"model.safetensors", two}}), 1U);
  EXPECT_EQ(elements({{"open_clip_pytorch_model.safetensors", one},
                      {"open_clip_pytorch_model.bin", "x"},
                      {"model.safetensors", two}}),
            1U);
  EXPECT_EQ(elements({{"model.safetensors", one}, {"pytorch_model.bin", "x"}}), 1U);
  EXPECT_EQ(elements({{"open_clip_model.safetensors.index.json",
                       R"({"weight_map":{"a":"open_clip_model-1.safetensors"}})"},
                      {"open_clip_model-1.safetensors", two},
                      {"model.safetensors", one}}),
            2U);
}

TEST(TensorMap, KnowsWhetherThereAreWeights) {
  const auto holds = [](const std::string& file, WeightsNames names) {
    const std::map<std::string, std::string> contents{{file, "x"}};
    return has_weights(in_memory(contents), names);
  };
  EXPECT_TRUE(holds("model.safetensors", kHuggingFaceWeights));
  EXPECT_TRUE(holds("model.safetensors.index.json", kHuggingFaceWeights));
  EXPECT_TRUE(holds("open_clip_model.safetensors", kOpenClipWeights));
  EXPECT_FALSE(holds("open_clip_model.safetensors", kHuggingFaceWeights));
  EXPECT_TRUE(holds("pytorch_model.bin", kHuggingFaceWeights));
  EXPECT_TRUE(holds("pytorch_model.bin.index.json", kHuggingFaceWeights));
  EXPECT_TRUE(holds("open_clip_pytorch_model.bin", kOpenClipWeights));
}

TEST(TensorMap, TakesAPickleThatComesFirst) {
  const std::map<std::string, std::string> contents{{"open_clip_pytorch_model.bin", "x"},
                                                    {"model.safetensors", "x"}};
  const auto error = error_of([&] { TensorMap tensors(in_memory(contents), kOpenClipWeights); });
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_THAT(error.context(), HasSubstr("open_clip_pytorch_model.bin"));
}

TEST(TensorMap, SaysWhatIsThereInstead) {
  const auto error = error_of_map({{"config.json", "{}"}});
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  EXPECT_THAT(error.message(),
              HasSubstr("\"model.safetensors\" is not in the folder; it holds: config.json"));
}

}  // namespace
}  // namespace clipclap::checkpoint
