// What is wrong is refused, with the place named; nothing crashes or hangs.
#include <chrono>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include "small_tokenizer.h"

namespace clipclap::text {
namespace {

struct Change {
  std::string pointer;        // of the value that is changed
  std::optional<Json> value;  // nothing removes it
  ErrorCode code;
  std::string context;  // what the error's context holds
  std::string message;  // what its message holds
};

// The name of the case in reports.
void PrintTo(const Change& change, std::ostream* out) { *out << change.pointer; }

void apply(Json& content, const Change& change) {
  const Json::json_pointer pointer(change.pointer);
  if (change.value) {
    content[pointer] = *change.value;
  } else {
    content[pointer.parent_pointer()].erase(pointer.back());
  }
}

class TokenizerErrors : public testing::TestWithParam<Change> {};

TEST_P(TokenizerErrors, NamesThePlace) {
  Json content = small_tokenizer();
  apply(content, GetParam());
  const Error error = load_error(content);
  EXPECT_EQ(error.code(), GetParam().code);
  EXPECT_TRUE(error.context().starts_with("tokenizer.json")) << error.context();
  EXPECT_NE(error.context().find(GetParam().context), std::string::npos) << error.what();
  EXPECT_NE(error.message().find(GetParam().message), std::string::npos) << error.what();
}

constexpr auto kInvalid = ErrorCode::kInvalidData;
constexpr auto kUnsupported = ErrorCode::kUnsupported;

INSTANTIATE_TEST_SUITE_P(
    Files, TokenizerErrors,
    testing::Values(
        Change{"", Json::array(), kInvalid, "", "object"},
        Change{"/model", {}, kInvalid, "", "\"model\" is missing"},
        Change{"/version", "2.0", kUnsupported, "version", "2.0"},
        Change{"/normalizer", Json{{"type", "Foo"}}, kUnsupported, "normalizer",
               "normalizer type \"Foo\" is not known"},
        Change{"/normalizer/normalizers/1/type", "Uppercase", kUnsupported,
               "normalizer.normalizers[1]", "\"Uppercase\""},
        Change{"/normalizer/normalizers/0/content", 3, kInvalid,
               "normalizer.normalizers[0].content", "a string"},
        Change{"/normalizer/normalizers/0/pattern/Regex", "(", kInvalid,
               "normalizer.normalizers[0].pattern.Regex", "\"(\""},
        Change{"/normalizer/normalizers/0/pattern/Regex", "(?~a)", kUnsupported,
               "normalizer.normalizers[0].pattern.Regex", "(?~a)"},
        Change{"/normalizer/normalizers/0/pattern", Json::object(), kInvalid,
               "normalizer.normalizers[0].pattern", "Regex"},
        Change{"/normalizer/normalizers", {}, kInvalid, "normalizer", "normalizers"},
        Change{"/pre_tokenizer/behavior", "Kept", kInvalid, "pre_tokenizer.behavior", "Kept"},
        Change{"/pre_tokenizer/invert", {}, kInvalid, "pre_tokenizer", "\"invert\" is missing"},
        Change{"/pre_tokenizer/type", "Foo", kUnsupported, "pre_tokenizer", "pre-tokenizer type"},
        Change{"/pre_tokenizer",
               Json{{"type", "Metaspace"}, {"replacement", "ab"}, {"prepend_scheme", "first"}},
               kInvalid, "pre_tokenizer.replacement", "one character"},
        Change{"/pre_tokenizer",
               Json{{"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "last"}},
               kInvalid, "pre_tokenizer.prepend_scheme", "always"},
        Change{"/pre_tokenizer", Json{{"type", "FixedLength"}, {"length", 0}}, kInvalid,
               "pre_tokenizer.length", "1"},
        Change{"/post_processor/type", "Foo", kUnsupported, "post_processor", "Foo"},
        Change{"/post_processor/cls", Json::array({"<s>"}), kInvalid, "post_processor.cls", "id"},
        Change{"/post_processor/sep/1", -1, kInvalid, "post_processor.sep[1]", "whole number"},
        Change{"/model/type", "Markov", kUnsupported, "model", "\"Markov\""},
        Change{"/model/vocab", {}, kInvalid, "model", "\"vocab\" is missing"},
        Change{"/model/vocab/ab", "4", kInvalid, "model.vocab.ab", "whole number"},
        Change{"/model/vocab/ab", -4, kInvalid, "model.vocab.ab", "whole number"},
        Change{"/model/vocab/ab", 4.5, kInvalid, "model.vocab.ab", "whole number"},
        Change{"/model/vocab/ab", Json::array(), kInvalid, "model.vocab.ab", "whole number"},
        Change{"/model/vocab/ab", 4294967295U, kInvalid, "model.vocab.ab", "4294967295"},
        Change{"/model/vocab/ab", {}, kInvalid, "model", "merges[0]: \"ab\" is not in the"},
        Change{"/model/vocab", Json::array({Json::array({"a", -1.5})}), kInvalid, "model.vocab",
               "object"},
        Change{"/model/merges", {}, kInvalid, "model", "\"merges\" is missing"},
        Change{"/model/merges", "a b", kInvalid, "model.merges", "list"},
        Change{"/model/merges/1", "b c", kInvalid, "model.merges[1]", "merge"},
        Change{"/model/merges/1", Json::array({"b"}), kInvalid, "model.merges[1]", "length"},
        Change{"/model/merges", Json::array({"a b c"}), kInvalid, "model", "merges[0]"},
        Change{"/model/dropout", 0.1, kUnsupported, "model.dropout", "dropout"},
        Change{"/model/fuse_unk", "yes", kInvalid, "model.fuse_unk", "true or false"},
        Change{"/added_tokens/0/content", {}, kInvalid, "added_tokens[0]", "content"},
        Change{"/added_tokens/0/lstrip", 1, kInvalid, "added_tokens[0].lstrip", "true or false"},
        Change{"/truncation", Json{{"max_length", "8"}, {"strategy", "LongestFirst"}}, kInvalid,
               "truncation.max_length", "whole number"},
        Change{"/truncation", Json{{"max_length", 8}, {"strategy", "Shortest"}}, kInvalid,
               "truncation.strategy", "LongestFirst"},
        Change{"/padding", Json{{"strategy", {{"Fixed", 1000000000000}}}}, kInvalid,
               "padding.strategy.Fixed", "at most"}));

TEST(TokenizerErrors, NotJsonHasLineAndColumn) {
  const Error error = error_of([] { Tokenizer::from_json("{\n  \"model\": }", "t.json"); });
  EXPECT_EQ(error.code(), ErrorCode::kInvalidData);
  EXPECT_EQ(error.context(), "t.json");
  EXPECT_NE(error.message().find("line 2"), std::string::npos) << error.message();
}

TEST(TokenizerErrors, DeepNestingIsRefused) {
  std::string deep = R"({"normalizer":)";
  for (int i = 0; i < 100000; ++i) deep += R"({"type":"Sequence","normalizers":[)";
  EXPECT_EQ(error_of([&] { Tokenizer::from_json(deep, "t.json"); }).code(),
            ErrorCode::kInvalidData);
  std::string brackets(1000000, '[');
  EXPECT_EQ(error_of([&] { Tokenizer::from_json(brackets, "t.json"); }).code(),
            ErrorCode::kInvalidData);
}

TEST(TokenizerErrors, EverySingleCutIsRefused) {
  const std::string whole = small_tokenizer().dump();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(error_of([&] { Tokenizer::from_json(whole.substr(0, size), "t.json"); }).code(),
              ErrorCode::kInvalidData)
        << size;
  }
}

TEST(TokenizerErrors, TextThatIsNotUtf8) {
  const auto tokenizer = load(small_tokenizer());
  for (const char* text : {"a\xFF", "\xC3", "\xED\xA0\x80", "\xC0\x80", "\xF4\x90\x80\x80"}) {
    EXPECT_EQ(error_of([&] { tokenizer.encode(text); }).code(), ErrorCode::kInvalidArgument);
  }
}

TEST(TokenizerErrors, NoRoomForTheSpecialTokens) {
  const auto tokenizer = load(small_tokenizer());
  EXPECT_EQ(error_of([&] { tokenizer.encode("a", {.max_length = 1}); }).code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(tokenizer.encode("a", {.add_special_tokens = false, .max_length = 1}).ids.size(), 1U);
}

TEST(TokenizerErrors, UnknownTokenIsMissed) {
  Json content = small_tokenizer();
  content["model"]["unk_token"] = "<nothing>";
  const Error error = error_of([&] { load(content).encode("abz"); });
  EXPECT_EQ(error.code(), ErrorCode::kInvalidData);
  EXPECT_EQ(error.context(), "tokenizer.json");
  EXPECT_NE(error.message().find("<nothing>"), std::string::npos);
}

TEST(TokenizerErrors, TextsThatGrowWithoutEndAreRefused) {
  Json content = small_tokenizer();
  Json doubling =
      Json::parse(R"({"type": "Replace", "pattern": {"String": "a"}, "content": "aa"})");
  content["normalizer"]["normalizers"] = std::vector<Json>(60, doubling);
  const auto tokenizer = load(content);
  EXPECT_EQ(error_of([&] { tokenizer.encode("a"); }).code(), ErrorCode::kInvalidData);
  EXPECT_EQ(error_of([&] { tokenizer.encode(std::string(17 << 20, 'b')); }).code(),
            ErrorCode::kInvalidArgument);
}

TEST(TokenizerErrors, EndlessSearchIsGivenUp) {
  Json content = small_tokenizer();
  content["pre_tokenizer"]["pattern"] = {{"Regex", "(?:a|aa)+[bc]"}};
  const auto tokenizer = load(content);
  const auto begin = std::chrono::steady_clock::now();
  const Error error = error_of([&] { tokenizer.encode(std::string(5000, 'a')); });
  EXPECT_EQ(error.code(), ErrorCode::kInvalidData);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace clipclap::text
