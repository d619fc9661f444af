#include <filesystem>
#include <fstream>
#include <tuple>

#include <gtest/gtest.h>

#include <clipclap/categories.h>
#include <clipclap/error.h>

namespace clipclap {
namespace {

using Prompts = std::vector<std::string>;

class CategoriesFile : public testing::Test {
 protected:
  CategoriesFile()
      : path_(std::filesystem::temp_directory_path() /
              (std::string("clipclap_categories_") +
               testing::UnitTest::GetInstance()->current_test_info()->name())) {}
  ~CategoriesFile() override { std::filesystem::remove(path_); }

  CategorySet read(const std::string& contents) const {
    std::ofstream(path_, std::ios::binary) << contents;
    return read_categories(path_.string());
  }

  std::string message_of(const std::string& contents) const {
    try {
      read(contents);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_EQ(error.context(), path_.string());
      return error.message();
    }
    ADD_FAILURE() << "no error for " << contents;
    return {};
  }

  std::filesystem::path path_;
};

CategorySet small_set() {
  return {.units = {{"weather", {{"rain", {"it rains"}}, {"sun", {"the sun", "a blue sky"}}}}}};
}

TEST_F(CategoriesFile, UnitsCategoriesAndPromptsComeInTheirOrder) {
  const auto set = read(
      "\xEF\xBB\xBF# what we ask\r\n[weather]\r\n (rain) \r\nit rains\r\n\r\n(sun)\n"
      "the sun # shines\n  a (very) blue [sky]\n[Ort]\n(Straße)\neine Straße\n(sea (open))\nwaves");
  ASSERT_EQ(set.units.size(), 2U);
  EXPECT_FALSE(set.sums_prompts);
  const auto& weather = set.units[0];
  EXPECT_EQ(weather.name, "weather");
  ASSERT_EQ(weather.categories.size(), 2U);
  EXPECT_EQ(weather.categories[0].name, "rain");
  EXPECT_EQ(weather.categories[0].prompts, Prompts{"it rains"});
  EXPECT_EQ(weather.categories[1].name, "sun");
  EXPECT_EQ(weather.categories[1].prompts, (Prompts{"the sun # shines", "a (very) blue [sky]"}));
  EXPECT_EQ(set.units[1].name, "Ort");
  EXPECT_EQ(set.units[1].categories[0].prompts, Prompts{"eine Straße"});
  EXPECT_EQ(set.units[1].categories[1].name, "sea (open)");
}

TEST_F(CategoriesFile, TheSameCategoryMayStandInTwoUnits) {
  EXPECT_EQ(read("[a]\n(yes)\nx\n(no)\ny\n[b]\n(yes)\nz\n(no)\nw\n").units.size(), 2U);
}

TEST_F(CategoriesFile, WhatIsWrongIsNamedWithItsLines) {
  // The text, what the message begins with, and what it holds of the remedy.
  const std::vector<std::tuple<std::string, std::string, std::string>> cases{
      {"", "holds no unit", "[UNIT]"},
      {"# only\n\n", "holds no unit", "(CATEGORY)"},
      {"a prompt\n", "line 1: prompt \"a prompt\" is in no category", "[UNIT] and (CATEGORY)"},
      {"[u]\na prompt\n", "line 2: prompt \"a prompt\" is in no category", "write (CATEGORY)"},
      {"\n(c)\nx\n", "line 2: category \"c\" is in no unit", "[UNIT]"},
      {"[u]\n", "line 1: unit \"u\" has no category", "at least two"},
      {"[a]\n(x)\n1\n(y)\n2\n[b]\n[c]\n", "line 6: unit \"b\" has no category", "(NAME)"},
      {"[u]\n(c)\nx\n", "line 1: unit \"u\" has only one category", "second one"},
      {"[u]\n(c)\nx\n(d)\n[v]\n", "line 4: category \"d\" has no prompt", "one a line"},
      {"[u]\n(c)\n# x\n(d)\ny\n", "line 2: category \"c\" has no prompt", "one a line"},
      {"[u]\n(c)\nx\n(d)\ny\n[u]\n(c)\nx\n(d)\ny\n", "line 6: unit \"u\" is already at line 1",
       "a name of its own"},
      {"[u]\n(c)\nx\n(d)\ny\n( c )\nz\n", "line 6: category \"c\" is already at line 2",
       "a name of its own"},
      {"[u\n(c)\nx\n", "line 1: [u lacks its closing ]", "closing ]"},
      {"[u]\n(c\nx\n", "line 2: (c lacks its closing )", "closing )"},
      {"[u]\n(c)\n(black) dog\n", "line 3: behind the closing ) stands \"dog\"",
       "begin a prompt with another character"},
      {"[]\n(c)\nx\n(d)\ny\n", "line 1: the name of a unit is empty", "name"},
      {"[u]\n( )\nx\n(d)\ny\n", "line 2: the name of a category is empty", "name"},
      {"[u]\n(c)\nx\n(d)\nb\xE4r\n", "line 5, byte 2: is not UTF-8", "save the file"}};
  for (const auto& [contents, beginning, remedy] : cases) {
    const auto message = message_of(contents);
    EXPECT_TRUE(message.starts_with(beginning)) << message;
    EXPECT_NE(message.find(remedy), std::string::npos) << message;
  }
}

TEST(CategorySet, AFileThatIsMissingIsNotFound) {
  try {
    read_categories("/nowhere/categories.txt");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_EQ(error.context(), "/nowhere/categories.txt");
  }
}

TEST(CategorySet, WhatAProgramMadeIsCheckedLikeAFile) {
  EXPECT_NO_THROW(small_set().validate());
  const auto message_of = [](void (*spoil)(CategorySet&)) {
    auto set = small_set();
    spoil(set);
    try {
      set.validate();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      return error.message();
    }
    return std::string("no error");
  };
  using Spoilt = CategorySet&;
  EXPECT_TRUE(message_of([](Spoilt set) { set.units.clear(); }).starts_with("holds no unit"));
  EXPECT_TRUE(message_of([](Spoilt set) {
                set.units.push_back({"x", {}});
              }).starts_with("unit 2: unit \"x\" has no category"));
  EXPECT_TRUE(message_of([](Spoilt set) {
                set.units[0].categories.pop_back();
              }).starts_with("unit 1: unit \"weather\" has only one category"));
  EXPECT_TRUE(message_of([](Spoilt set) {
                set.units.push_back(set.units[0]);
              }).starts_with("unit 2: unit \"weather\" is already at unit 1"));
  EXPECT_TRUE(message_of([](Spoilt set) { set.units[0].categories[1].name = "rain"; })
                  .starts_with("unit 1, category 2: category \"rain\" is already at unit 1, "
                               "category 1"));
  EXPECT_TRUE(message_of([](Spoilt set) {
                set.units[0].categories[1].prompts.clear();
              }).starts_with("unit 1, category 2: category \"sun\" has no prompt"));
  EXPECT_TRUE(message_of([](Spoilt set) {
                set.units[0].categories[1].prompts[1] = " ";
              }).ends_with("a prompt of category \"sun\" is empty"));
  EXPECT_TRUE(message_of([](Spoilt set) {
                set.units[0].name = "\xFF";
              }).ends_with("the name of a unit is not UTF-8"));
}

}  // namespace
}  // namespace clipclap
