#include <gtest/gtest.h>

#include "record_samples.h"

namespace clipclap {
namespace {

TEST(SrtForm, CuesAreNumbered) {
  const TagRecord first{window(1.4, 2.4), {{"cat", 0.754F, 0}, {"dog", 0.246F, 0}}};
  const TagRecord second{window(3723.0004, 3724.9996), {{"cat", 0.999F, 0}}};
  EXPECT_EQ(written("srt", {}, first, second),
            "1\n00:00:01,400 --> 00:00:02,400\ncat 75%\ndog 25%\n\n"
            "2\n01:02:03,000 --> 01:02:05,000\ncat 100%\n\n");
}

TEST(VttForm, CuesStandBelowAHeading) {
  const TagRecord record{window(1.4, 2.4), {{"cat", 0.75F, 0}}};
  EXPECT_EQ(written("vtt", {}, record), "WEBVTT\n\n00:00:01.400 --> 00:00:02.400\ncat 75%\n\n");
  EXPECT_EQ(written("vtt", {}), "WEBVTT\n\n");
}

TEST(SubtitleForms, WhatHasNoLabelHasNoCue) {
  auto silent = window(0, 1);
  silent.is_silent = true;
  EXPECT_EQ(written("srt", {}, TagRecord{silent, {}}, TagRecord{window(0, 1), {}}), "");
  EXPECT_EQ(written("vtt", {}, TagRecord{silent, {}}, TagRecord{window(0, 1), {}}), "WEBVTT\n\n");
}

TEST(SubtitleForms, CuesLastAndBeginWhereTheyCan) {
  const std::vector<ScoredLabel> labels{{"cat", 1, 0}};
  EXPECT_EQ(written("srt", {}, TagRecord{window(-0.5, 1), labels}),
            "1\n00:00:00,000 --> 00:00:01,000\ncat 100%\n\n");
  EXPECT_EQ(written("srt", {}, TagRecord{window(0, 0), labels}),
            "1\n00:00:00,000 --> 00:00:00,001\ncat 100%\n\n");
  EXPECT_EQ(written("srt", {}, TagRecord{window(1e300, 1e301), labels}),
            "1\n99:59:59,999 --> 100:00:00,000\ncat 100%\n\n");
}

TEST(SubtitleForms, UnitsAndBoxesStandBeforeTheLabel) {
  auto place = window(0, 1);
  EXPECT_NE(written("srt", {}, TagRecord{place, {{"rain", 1, 0, "weather"}}})
                .find("\nweather: rain 100%\n"),
            std::string::npos);
  place.box = Box{1, 2, 3, 4};
  place.box_label = "dog";
  EXPECT_NE(written("vtt", {}, TagRecord{place, {{"brown", 1, 0, "hue"}}})
                .find("\ndog: hue: brown 100%\n"),
            std::string::npos);
}

TEST(SubtitleForms, LabelsCannotEndACueNorBeginATag) {
  const TagRecord record{window(0, 1), {{"a\n\n2 <b>&amp; --> \x01\xFF", 1, 0}}};
  EXPECT_EQ(written("vtt", {}, record),
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n"
            "a  2 &lt;b&gt;&amp;amp; --&gt;  \xEF\xBF\xBD 100%\n\n");
  const std::string joiner = "\xE2\x81\xA0";
  EXPECT_EQ(written("srt", {}, record), "1\n00:00:00,000 --> 00:00:01,000\na  2 <" + joiner +
                                            "b>&amp; --" + joiner + ">  \xEF\xBF\xBD 100%\n\n");
}

}  // namespace
}  // namespace clipclap
