#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <clipclap/error.h>
#include <clipclap/labels.h>

namespace clipclap {
namespace {

using Labels = std::vector<std::string>;

// Writes `contents` to a file of its own and reads it as a label file.
Labels read_as_file(const std::string& contents) {
  const auto path = std::filesystem::temp_directory_path() /
                    (std::string("clipclap_labels_") +
                     testing::UnitTest::GetInstance()->current_test_info()->name());
  std::ofstream(path, std::ios::binary) << contents;
  try {
    auto labels = parse_labels(std::string("@").append(path.string()));
    std::filesystem::remove(path);
    return labels;
  } catch (...) {
    std::filesystem::remove(path);
    throw;
  }
}

std::string message_of(const std::string& contents) {
  try {
    read_as_file(contents);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(ParseLabels, SplitsAtCommasAndTrims) {
  EXPECT_EQ(parse_labels("cat, a dog ,\xC3\xA9t\xC3\xA9"),
            (Labels{"cat", "a dog", "\xC3\xA9t\xC3\xA9"}));
}

TEST(ParseLabels, BackslashKeepsACommaAndItself) {
  EXPECT_EQ(parse_labels(R"(salt\, pepper,C:\\,a\b)"),
            (Labels{"salt, pepper", R"(C:\)", R"(a\b)"}));
}

TEST(ParseLabels, RefusesWhatCannotBeMeant) {
  for (const char* text : {"", ",", "a,,b", "a,", " ", "a,b,a", "\xFF"}) {
    EXPECT_THROW(parse_labels(text), Error) << text;
  }
}

TEST(ParseLabels, ReadsFilesWithCommentsMarksAndAnyLineEnd) {
  EXPECT_EQ(read_as_file("\xEF\xBB\xBF# words\r\ncat\r\n\r\n  big dog \n#end\nsalt, pepper"),
            (Labels{"cat", "big dog", "salt, pepper"}));
}

TEST(ParseLabels, NamesTheLineOfWhatIsWrong) {
  EXPECT_NE(message_of("a\nb\nc\xE9t\n").find("line 3, byte 2"), std::string::npos);
  EXPECT_NE(message_of("a\nb\n\nb\n").find("line 4"), std::string::npos);
  EXPECT_NE(message_of("# nothing\n\n").find("holds no label"), std::string::npos);
  EXPECT_NE(message_of("").find("holds no label"), std::string::npos);
}

TEST(ParseLabels, MissingFileIsNotFound) {
  try {
    parse_labels("@/nowhere/labels.txt");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_EQ(error.context(), "/nowhere/labels.txt");
  }
}

TEST(LabelSet, ChecksTemplates) {
  LabelSet set{.labels = {"cat"}, .templates = {"a {}", "{}!"}};
  EXPECT_NO_THROW(set.validate());
  for (const char* text : {"", "a photo", "{} and {}", "{ }", "\xFF{}"}) {
    set.templates = {text};
    EXPECT_THROW(set.validate(), Error) << text;
  }
  set.templates.clear();
  EXPECT_THROW(set.validate(), Error);
}

}  // namespace
}  // namespace clipclap
