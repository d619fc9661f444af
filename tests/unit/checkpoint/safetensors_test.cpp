#include "checkpoint/safetensors.h"

#include <chrono>

#include <fmt/format.h>

#include "support.h"

namespace clipclap::checkpoint {
namespace {

using testing::HasSubstr;

const std::string kOne = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";

std::string message_of(const std::string& file) {
  const auto error = error_of([&] { parse_safetensors(as_bytes(file), "x.safetensors"); });
  EXPECT_EQ(error.code(), ErrorCode::kInvalidData);
  EXPECT_EQ(error.context(), "x.safetensors");
  return error.message();
}

std::string message_of_header(const std::string& header, std::size_t data_size = 4) {
  return message_of(safetensors_file(header, data_size));
}

TEST(Safetensors, ViewsTensorsInPlace) {
  auto file = safetensors_file(
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"I16","shape":[2,1],"data_offsets":[4,8]},)" +
          kOne + "}   ",
      8);
  file.back() = 7;
  const auto tensors = parse_safetensors(as_bytes(file), "x");
  ASSERT_EQ(tensors.size(), 2U);
  const auto& b = tensors.at("b");
  EXPECT_EQ(b.type, DataType::kInt16);
  EXPECT_THAT(b.shape, testing::ElementsAre(2, 1));
  EXPECT_EQ(b.data.size(), 4U);
  EXPECT_EQ(b.data.data() + 4, as_bytes(file).data() + file.size());
  EXPECT_EQ(b.element_count(), 2U);
}

TEST(Safetensors, ReadsScalarsAndEmptyTensors) {
  const auto file = safetensors_file(R"({"s":{"dtype":"F64","shape":[],"data_offsets":[0,8]},)"
                                     R"("e":{"dtype":"F32","shape":[3,0],"data_offsets":[8,8]},)"
                                     R"("f":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                                     8);
  const auto tensors = parse_safetensors(as_bytes(file), "x");
  EXPECT_EQ(tensors.at("s").element_count(), 1U);
  EXPECT_EQ(tensors.at("e").element_count(), 0U);
  EXPECT_EQ(tensors.at("f").element_count(), 0U);
}

TEST(Safetensors, EveryDataTypeHasItsNameAndSize) {
  for (int i = 0; i <= static_cast<int>(DataType::kUint64); ++i) {
    const auto type = static_cast<DataType>(i);
    EXPECT_EQ(parse_data_type(to_string(type)), type);
    const auto bytes = size_in_bits(type);  // of eight elements
    const auto file =
        safetensors_file(R"({"a":{"dtype":")" + std::string(to_string(type)) +
                             R"(","shape":[8],"data_offsets":[0,)" + std::to_string(bytes) + "]}}",
                         bytes);
    EXPECT_EQ(parse_safetensors(as_bytes(file), "x").at("a").element_count(), 8U);
  }
}

TEST(Safetensors, RefusesWhatIsNoFileOfTheFormat) {
  EXPECT_THAT(message_of(""), HasSubstr("0 bytes"));
  EXPECT_THAT(message_of("1234567"), HasSubstr("7 bytes"));
  EXPECT_THAT(message_of(std::string(8, '\0')), HasSubstr("begin with \"{\""));
  EXPECT_THAT(message_of("<!DOCTYPE html><html>"), HasSubstr("not a safetensors file"));
  EXPECT_THAT(message_of("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
              HasSubstr("git lfs pull"));
  EXPECT_THAT(message_of(safetensors_file("{}", 0).substr(0, 9)), HasSubstr("only 1 follow"));
  EXPECT_THAT(message_of(std::string(8, '\xff') + "{}"), HasSubstr("18446744073709551615"));
}

TEST(Safetensors, RefusesHeadersThatAreNoJson) {
  EXPECT_THAT(message_of_header("{" + kOne), HasSubstr("not valid JSON"));
  EXPECT_THAT(message_of_header("{" + kOne + "} x"), HasSubstr("not valid JSON at its byte"));
  EXPECT_THAT(message_of_header("{" + kOne + "}" + std::string(3, '\0')), HasSubstr("NUL"));
  EXPECT_THAT(message_of_header("{\"\xff\":" + kOne.substr(4) + "}"), HasSubstr("not valid JSON"));
  EXPECT_THAT(message_of_header(" {" + kOne + "}"), HasSubstr("begin with"));
  EXPECT_THAT(message_of_header(R"({"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}})"),
              HasSubstr("not valid JSON"));
}

TEST(Safetensors, RefusesWrongKinds) {
  EXPECT_THAT(message_of_header(R"({"a":3})"), HasSubstr("tensor \"a\": is a number"));
  EXPECT_THAT(message_of_header(R"({"a":["F32",[1],[0,4]]})"), HasSubstr("is a list"));
  EXPECT_THAT(message_of_header(R"({"__metadata__":{"k":1}})"), HasSubstr("__metadata__"));
  EXPECT_THAT(message_of_header(R"({"__metadata__":"k"})"), HasSubstr("__metadata__"));
  const auto tensor = [](const std::string& fields) { return "{\"a\":{" + fields + "}}"; };
  EXPECT_THAT(message_of_header(tensor(R"("dtype":"F128","shape":[1],"data_offsets":[0,4])")),
              HasSubstr("tensor \"a\": dtype \"F128\" is unknown"));
  EXPECT_THAT(message_of_header(tensor(R"("dtype":{"F32":null})")),
              HasSubstr("dtype is an object"));
  EXPECT_THAT(message_of_header(tensor(R"("shape":[1.0])")), HasSubstr("shape"));
  EXPECT_THAT(message_of_header(tensor(R"("shape":[-1])")), HasSubstr("negative"));
  EXPECT_THAT(message_of_header(tensor(R"("shape":[[1]])")), HasSubstr("shape"));
  EXPECT_THAT(message_of_header(tensor(R"("shape":[9223372036854775808])")),
              HasSubstr("too large"));
  EXPECT_THAT(message_of_header(tensor(R"("data_offsets":[0])")), HasSubstr("fewer than two"));
  EXPECT_THAT(message_of_header(tensor(R"("data_offsets":[0,4,4])")), HasSubstr("more than two"));
  EXPECT_THAT(message_of_header(tensor(R"("dtype":"F32","shape":[1])")),
              HasSubstr("has no data_offsets"));
  EXPECT_THAT(message_of_header(tensor(R"("dtype":"F32","dtype":"F32")")),
              HasSubstr("dtype stands twice"));
}

TEST(Safetensors, RefusesANameThatStandsTwice) {
  EXPECT_THAT(message_of_header("{" + kOne + "," + kOne + "}"),
              testing::AnyOf(HasSubstr("stands twice"), HasSubstr("overlap")));
  EXPECT_THAT(
      message_of_header(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)" + kOne + "}"),
      HasSubstr("tensor \"a\" stands twice"));
}

TEST(Safetensors, RefusesOffsetsThatAreNotContiguous) {
  const auto two = [](const std::string& first, const std::string& second) {
    return R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + first +
           R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + second + "}}";
  };
  EXPECT_THAT(message_of_header(two("[0,4]", "[2,6]"), 6),
              HasSubstr("\"b\": data_offsets [2, 6] overlap"));
  EXPECT_THAT(message_of_header(two("[0,4]", "[0,4]"), 4), HasSubstr("overlap"));
  EXPECT_THAT(message_of_header(two("[0,4]", "[5,9]"), 9),
              HasSubstr("\"b\": data_offsets [5, 9] leave a hole"));
  EXPECT_THAT(message_of_header(two("[4,8]", "[8,12]"), 12), HasSubstr("leave a hole"));
  EXPECT_THAT(message_of_header(two("[0,4]", "[4,0]"), 4), HasSubstr("end before they begin"));
  EXPECT_THAT(message_of_header("{" + kOne + "}", 5), HasSubstr("last 1 bytes"));
  EXPECT_THAT(message_of_header("{" + kOne + "}", 3), HasSubstr("cut short"));
  EXPECT_THAT(message_of_header("{}", 1), HasSubstr("last 1 bytes"));
}

TEST(Safetensors, RefusesShapesThatDisagreeOrOverflow) {
  const auto one = [](const std::string& type, const std::string& shape) {
    return R"({"a":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":[0,4]}})";
  };
  EXPECT_THAT(message_of_header(one("F32", "[2]")),
              HasSubstr("F32 of shape [2] takes 8 bytes, but data_offsets [0, 4] span 4"));
  EXPECT_THAT(message_of_header(one("F32", "[4294967296,4294967296]")), HasSubstr("no whole"));
  EXPECT_THAT(message_of_header(one("F32", "[4611686018427387905]")), HasSubstr("no whole"));
  EXPECT_THAT(message_of_header(one("F32", "[9223372036854775807,4,0]")), HasSubstr("no whole"));
  EXPECT_THAT(message_of_header(one("F4", "[7]")), HasSubstr("no whole"));
}

TEST(Safetensors, ToleratesFieldsItDoesNotKnow) {
  const auto nested = [](int depth) {
    const auto levels = static_cast<std::size_t>(depth);
    return R"({"a":{"x":)" + std::string(levels, '[') + std::string(levels, ']') +
           R"(,"dtype":"F32","y":{"z":[null,true,-1,1.5,"s"]},"shape":[1],"data_offsets":[0,4]}})";
  };
  EXPECT_EQ(parse_safetensors(as_bytes(safetensors_file(nested(125), 4)), "x").size(), 1U);
  EXPECT_THAT(message_of_header(nested(126)), HasSubstr("nested too deeply"));
  EXPECT_THAT(message_of_header(nested(1'000'000)), HasSubstr("nested too deeply"));
}

// Each header would take minutes, or the machine's memory, where the work is not linear in it.
TEST(Safetensors, HostileHeadersAreCheap) {
  const auto begin = std::chrono::steady_clock::now();
  std::string many = "{";
  for (int i = 0; i < 200'000; ++i) {
    many += fmt::format(R"("{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}},)", i);
  }
  many.back() = '}';
  EXPECT_EQ(parse_safetensors(as_bytes(safetensors_file(many, 0)), "x").size(), 200'000U);

  std::string ones = R"({"a":{"dtype":"U8","data_offsets":[0,1],"shape":[1)";
  for (int i = 0; i < 2'000'000; ++i) ones += ",1";
  EXPECT_EQ(parse_safetensors(as_bytes(safetensors_file(ones + "]}}", 1)), "x").size(), 1U);

  constexpr std::size_t kMuch = 8'000'000;
  EXPECT_THAT(message_of_header("{\"a\":" + std::string(kMuch, '[')), HasSubstr("a list"));
  EXPECT_THAT(message_of_header("{\"" + std::string(kMuch, 'n') + "\":1}"),
              HasSubstr("is a number"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

}  // namespace
}  // namespace clipclap::checkpoint
