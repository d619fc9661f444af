// Against ICU, as far as ICU and the reference agree.
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "text/unicode/code_points.h"
#include "text/unicode/graphemes.h"
#include "text/unicode/normalization_forms.h"
#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

/// A code point that the tables of 2016 know.
char32_t random_code_point(std::mt19937& random) {
  static const std::u32string kInteresting =
      U"\r\n\u200d\u0301\u0323\u0302\u0903\u0600\u1100\u1161\u11a8\uac00\uac01\U0001F1E9\U0001F1EA"
      U"\U0001F469\u2764\ufe0f\U0001F3FD\u0e33\u0f71\u0f72\u00e9\u212b\ufb01\u3099\u30cf\u00bd ab";
  while (true) {
    const auto c = random() % 3 != 0 ? kInteresting[random() % kInteresting.size()]
                                     : static_cast<char32_t>(random() % 0x30000);
    UVersionInfo age;
    u_charAge(static_cast<UChar32>(c), age);
    if (age[0] > 0 && age[0] <= 9 && !(c >= 0xD800 && c <= 0xDFFF)) return c;
  }
}

std::string random_text(std::mt19937& random) {
  std::string text;
  for (std::size_t i = random() % 12 + 1; i > 0; --i) append_utf8(text, random_code_point(random));
  return text;
}

TEST(Graphemes, EndWhereIcuSaysSo) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> iterator(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
  ASSERT_TRUE(U_SUCCESS(status));
  std::mt19937 random(5);
  for (int i = 0; i < 20000; ++i) {
    const auto text = random_text(random);
    const auto units = icu::UnicodeString::fromUTF8(text);
    iterator->setText(units);
    std::vector<std::string> expected;
    for (auto begin = iterator->first(), end = iterator->next(); end != icu::BreakIterator::DONE;
         begin = end, end = iterator->next()) {
      units.tempSubStringBetween(begin, end).toUTF8String(expected.emplace_back());
    }
    std::vector<std::string> found;
    for (std::size_t begin = 0; begin < text.size();) {
      const auto end = find_grapheme_end(text, begin);
      found.push_back(text.substr(begin, end - begin));
      begin = end;
    }
    EXPECT_EQ(found, expected);
  }
}

TEST(NormalizationForms, AreThoseOfIcu) {
  UErrorCode status = U_ZERO_ERROR;
  const std::pair<NormalizationForm, const icu::Normalizer2*> forms[] = {
      {NormalizationForm::kNfc, icu::Normalizer2::getNFCInstance(status)},
      {NormalizationForm::kNfd, icu::Normalizer2::getNFDInstance(status)},
      {NormalizationForm::kNfkc, icu::Normalizer2::getNFKCInstance(status)},
      {NormalizationForm::kNfkd, icu::Normalizer2::getNFKDInstance(status)}};
  std::mt19937 random(6);
  for (int i = 0; i < 20000; ++i) {
    const auto text = random_text(random);
    for (const auto& [form, normalizer] : forms) {
      std::string expected;
      normalizer->normalize(icu::UnicodeString::fromUTF8(text), status).toUTF8String(expected);
      ASSERT_TRUE(U_SUCCESS(status));
      NormalizedText normalized(text);
      normalized.transform(normalize(text, form));
      EXPECT_EQ(normalized.text(), expected);
    }
  }
}

TEST(NormalizationForms, ChangesAccountForEveryCodePoint) {
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    const auto text = random_text(random);
    for (const auto form : {NormalizationForm::kNfc, NormalizationForm::kNfd,
                            NormalizationForm::kNfkc, NormalizationForm::kNfkd}) {
      std::int64_t consumed = 0;
      for (const auto& change : normalize(text, form)) {
        if (change.change <= 0) consumed += 1 - change.change;
      }
      EXPECT_EQ(consumed, static_cast<std::int64_t>(count_code_points(text)));
    }
  }
}

TEST(Properties, YoungCharactersAreInOrder) {
  char32_t last = 0;
  for (const auto& row : young_characters()) {
    EXPECT_TRUE(last < row.first && row.first <= row.last);
    last = row.last;
    EXPECT_EQ(find_young(row.first), &row);
    EXPECT_EQ(find_young(row.last), &row);
  }
  EXPECT_EQ(find_young(U'a'), nullptr);
}

TEST(Properties, AgreeWithIcuWhereNothingChanged) {
  for (char32_t c = 0; c < 0x11000; ++c) {
    const auto code_point = static_cast<UChar32>(c);
    EXPECT_EQ(is_white_space(c), u_hasBinaryProperty(code_point, UCHAR_WHITE_SPACE) != 0)
        << code_point;
  }
  for (const char32_t c : U"\u00bd\u0663\u2167\u4e00") {
    EXPECT_EQ(is_numeric(c), (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_N_MASK) != 0);
  }
}

TEST(CodePoints, ShortenLeavesWholeCharacters) {
  const std::string text = "aéé日本";
  for (std::size_t bytes = 0; bytes <= text.size() + 1; ++bytes) {
    const auto part = shorten(text, bytes);
    EXPECT_LE(part.size(), bytes);
    EXPECT_FALSE(find_invalid_utf8(part));
    EXPECT_TRUE(text.starts_with(part));
  }
}

}  // namespace
}  // namespace clipclap::text
