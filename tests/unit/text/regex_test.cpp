#include "text/regex/regex.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "small_tokenizer.h"
#include "text/pattern.h"

namespace clipclap::text {
namespace {

const std::vector<std::string> kPatterns = {
    R"(\s+)", R"(\p{L}+|\p{N})", R"(a*)",    "",     R"(^)",  R"($)",
    R"(\b)",  R"([^\s\w]+)",     R"((?!x))", R"(.)", R"(\X)", R"([\W&&[^a]])"};
const std::vector<std::string> kTexts = {"",     "a",      "  a b\n", "日本 語x",
                                         "aaa",  "x",      "é\u0301", "👩‍👩‍👧",
                                         "\n\n", "½ ab-c", "\u0085"};

TEST(Regex, StretchesCoverTheTextInOrder) {
  for (const auto& pattern : kPatterns) {
    const Regex regex(pattern);
    for (const auto& text : kTexts) {
      std::size_t covered = 0;
      bool last_match = true;
      for (const auto& [begin, end, is_match] : regex.find_all(text)) {
        EXPECT_EQ(begin, covered) << pattern << " in " << text;
        EXPECT_TRUE(begin < end || is_match);
        EXPECT_TRUE(is_match || last_match || covered == 0) << "two gaps next to each other";
        covered = end;
        last_match = is_match;
      }
      EXPECT_EQ(covered, text.size()) << pattern << " in " << text;
    }
  }
}

TEST(Regex, SplitsLoseNothingButWhatIsRemoved) {
  using enum SplitBehavior;
  for (const auto& pattern : kPatterns) {
    for (const auto& text : kTexts) {
      const auto stretches = Regex(pattern).find_all(text);
      for (const auto behavior : {kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous}) {
        std::string joined;
        for (const auto& part : split(NormalizedText(text), stretches, behavior)) {
          EXPECT_FALSE(part.empty());
          EXPECT_EQ(part.original_begin(), joined.size());
          joined += part.text();
        }
        EXPECT_EQ(joined, text);
      }
    }
  }
}

TEST(Regex, MessagesQuoteWhatIsWrong) {
  for (const std::string pattern :
       {"(", ")", "[a", "*", "(?<n", R"(\p{Nothing})", "[b-a]", "(*UTF)", "(?R)", "(?C1)",
        "a{9999999}", R"(\)", "(*LIMIT_MATCH=1)a", "(?<=a*)b", "(?P<n>a)", "[[:nothing:]"}) {
    const Error error = error_of([&] { const Regex regex(pattern); });
    EXPECT_TRUE(error.code() == ErrorCode::kInvalidData || error.code() == ErrorCode::kUnsupported);
    EXPECT_NE(error.message().find(pattern), std::string::npos) << error.message();
  }
}

TEST(Regex, LongPatternsAreQuotedInPart) {
  std::string pattern(199, 'a');
  for (int i = 0; i < 100; ++i) pattern += "é";
  const Error error = error_of([&] { const Regex regex(pattern + "("); });
  EXPECT_LT(error.message().size(), 400U);
  EXPECT_FALSE(find_invalid_utf8(error.message()));
}

TEST(Regex, HugePatternsAreRefused) {
  EXPECT_EQ(error_of([] { const Regex regex(std::string(1 << 20, 'a')); }).code(),
            ErrorCode::kUnsupported);
  error_of([] { const Regex regex(std::string(5000, '(')); });
  error_of([] { const Regex regex(std::string(5000, '(') + std::string(5000, ')')); });
  error_of([] { const Regex regex(std::string(5000, '[')); });
  error_of([] { const Regex regex("((((a{1000}){1000}){1000}){1000})"); });
}

}  // namespace
}  // namespace clipclap::text
