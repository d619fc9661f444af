#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <clipclap/error.h>

#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"

namespace clipclap {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder : public testing::Test {
 protected:
  TemporaryFolder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("clipclap_") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~TemporaryFolder() override { fs::remove_all(folder_); }
  fs::path folder_;
};

using File = TemporaryFolder;

TEST(Utf8, RoundTripsEveryCodePoint) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    std::string text;
    append_utf8(text, c);
    std::size_t offset = 0;
    const auto decoded = decode_utf8(text, offset);
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    ASSERT_EQ(decoded.has_value(), !surrogate) << static_cast<unsigned>(c);
    if (!surrogate) {
      ASSERT_EQ(*decoded, c);
    }
  }
}

TEST(Utf8, FindsMalformedBytes) {
  for (const char* bad : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80",
                          "\xE2\x82", "\xFF"}) {
    EXPECT_EQ(find_invalid_utf8(std::string("ab") + bad), 2U);
  }
  EXPECT_EQ(find_invalid_utf8("na\xC3\xAFve"), std::nullopt);
}

TEST(Json, NamesLineAndColumn) {
  try {
    parse_json("{\n  \"a\": ,\n}", "x.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidData);
    EXPECT_EQ(error.context(), "x.json");
    EXPECT_NE(error.message().find("line 2, column 8"), std::string::npos) << error.what();
  }
}

TEST(Json, RefusesDeepNesting) {
  EXPECT_THROW(parse_json(std::string(100000, '['), "deep.json"), Error);
}

TEST(Json, RefusesWhatTheParserWouldPassOver) {
  for (const auto& text : {std::string("{}\0{}", 5), std::string("[1e999]"), std::string()}) {
    EXPECT_THROW(parse_json(text, "odd.json"), Error) << text;
  }
}

TEST_F(File, MapsBytesAndEmptyFiles) {
  std::ofstream(folder_ / "a") << "hello";
  std::ofstream(folder_ / "empty");
  EXPECT_EQ(MappedFile(folder_ / "a").bytes().size(), 5U);
  EXPECT_TRUE(MappedFile(folder_ / "empty").bytes().empty());
  EXPECT_THROW(MappedFile(folder_ / "missing"), Error);
  EXPECT_THROW(MappedFile{folder_}, Error);
}

}  // namespace
}  // namespace clipclap
