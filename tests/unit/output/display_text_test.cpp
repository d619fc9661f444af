#include "output/display_text.h"

#include <clocale>
#include <cwchar>
#include <random>

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "record_samples.h"

namespace clipclap::output {
namespace {

const std::vector<std::string> kPieces{"a",  "ß", "日", "本", "🐈", "e\u0301",
                                       "한", "א", "…",  " ",  "ﬁ"};

std::string random_text(std::mt19937& random, std::size_t pieces) {
  std::string text;
  for (std::size_t i = 0; i < pieces; ++i) text += kPieces[random() % kPieces.size()];
  return text;
}

TEST(DisplayText, WidthsAreThoseOfATerminal) {
  EXPECT_EQ(display_width("cat"), 3);
  EXPECT_EQ(display_width("grüß"), 4);
  EXPECT_EQ(display_width("日本"), 4);
  EXPECT_EQ(display_width("🐈"), 2);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(display_width(""), 0);
}

TEST(DisplayText, WidthsDoNotDependOnTheLocaleAndLeaveItAlone) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  EXPECT_EQ(display_width("日本"), 4);
  EXPECT_EQ(before, std::setlocale(LC_ALL, nullptr));
}

TEST(DisplayText, WhatIsFittedFits) {
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    const auto text = random_text(random, random() % 20);
    const int width = static_cast<int>(random() % 25);
    for (const auto& fitted : {fit_start(text, width), fit_end(text, width)}) {
      ASSERT_LE(display_width(fitted), width) << text;
      ASSERT_FALSE(find_invalid_utf8(fitted));
      if (display_width(text) <= width) {
        ASSERT_EQ(fitted, text);
      } else {
        // At most the second half of a wide character is left free.
        ASSERT_GE(display_width(fitted), width - 1) << text;
      }
    }
  }
}

TEST(DisplayText, FittingKeepsTheStartOrTheEnd) {
  EXPECT_EQ(fit_start("holiday.mp4", 8), "holiday…");
  EXPECT_EQ(fit_end("/a/long/folder/clip.mp4", 9), "…clip.mp4");
  EXPECT_EQ(fit_start("日本語", 4), "日…");
  EXPECT_EQ(fit_start("cafe\u0301s", 5), "cafe\u0301s");
  EXPECT_EQ(fit_start("cafe\u0301ss", 5), "cafe\u0301…");
}

TEST(DisplayText, PrintableTextCannotMoveTheCursor) {
  std::mt19937 random(2);
  for (int i = 0; i < 5000; ++i) {
    const auto text = printable(random_bytes(random, 30));
    ASSERT_FALSE(find_invalid_utf8(text));
    for (std::size_t offset = 0; offset < text.size();) {
      const auto character = *decode_utf8(text, offset);
      ASSERT_GE(character, 0x20U);
      ASSERT_FALSE(character >= 0x7F && character < 0xA0);
    }
  }
  EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\uFFFD[2Jb\uFFFD");
  EXPECT_EQ(printable("exe.\u202Egpj"), "exe.\uFFFDgpj");
  EXPECT_EQ(printable("grüß 日本"), "grüß 日本");
}

TEST(DisplayText, ClockShowsHoursOnlyWhenThereAreSome) {
  EXPECT_EQ(clock_text(0), "00:00.000");
  EXPECT_EQ(clock_text(1.4), "00:01.400");
  EXPECT_EQ(clock_text(59.9996), "01:00.000");
  EXPECT_EQ(clock_text(3599.999), "59:59.999");
  EXPECT_EQ(clock_text(3600), "1:00:00.000");
  EXPECT_EQ(clock_text(36000 + 61.25), "10:01:01.250");
  EXPECT_EQ(clock_text(-0.04), "-00:00.040");
  EXPECT_EQ(clock_text(-1e-9), "00:00.000");
}

}  // namespace
}  // namespace clipclap::output
