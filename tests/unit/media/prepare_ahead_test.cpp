// Frames prepared by several threads, beside the same one by one.
#include "media/prepare_ahead.h"

#include <atomic>
#include <cstdint>
#include <future>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <clipclap/error.h>
#include <clipclap/log.h>

namespace clipclap::media {
namespace {

constexpr int kFrames = 40;
const std::string kName = "film.mkv";

Preprocessing small() {
  return {.resize_height = 32, .resize_width = 32, .crop_height = 32, .crop_width = 32};
}

/// Noise that is a number's own, in one of two sizes.
FramePointer make_noise(int number) {
  auto frame = make_frame();
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = number % 3 == 0 ? 96 : 120;
  frame->height = 80;
  EXPECT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  std::mt19937 generator(static_cast<unsigned>(number));
  for (int plane = 0; plane < 3; ++plane) {
    const int rows = plane == 0 ? frame->height : frame->height / 2;
    for (int i = 0; i < rows * frame->linesize[plane]; ++i) {
      frame->data[plane][i] = static_cast<std::uint8_t>(generator());
    }
  }
  return frame;
}

std::vector<Picture> prepared_by(std::size_t threads) {
  PrepareAhead ahead(kName, small(), threads);
  std::vector<std::future<Picture>> coming;
  for (int i = 0; i < kFrames; ++i) {
    const auto frame = make_noise(i);
    coming.push_back(ahead.whole(*frame, {.codec = AV_CODEC_ID_H264}));
    EXPECT_EQ(frame->buf[0], nullptr);  // taken
  }
  std::vector<Picture> pictures;
  pictures.reserve(coming.size());
  for (auto& picture : coming) pictures.push_back(picture.get());
  return pictures;
}

TEST(PrepareAhead, ThreadsChangeNothing) {
  const auto expected = prepared_by(1);
  for (const std::size_t threads : {2, 5}) {
    const auto pictures = prepared_by(threads);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      EXPECT_EQ(pictures[i].rgb, expected[i].rgb) << i << " by " << threads;
    }
  }
  EXPECT_NE(expected[0].rgb, expected[1].rgb);
}

TEST(PrepareAhead, AnErrorIsItsFramesAlone) {
  for (const std::size_t threads : {1, 3}) {
    PrepareAhead ahead(kName, small(), threads);
    const auto good = make_noise(1);
    const auto bad = make_noise(2);
    bad->format = AV_PIX_FMT_VAAPI;
    auto first = ahead.whole(*bad, {});
    auto second = ahead.whole(*good, {});
    EXPECT_THROW(first.get(), Error) << threads;
    EXPECT_EQ(second.get().width, 32) << threads;
  }
}

TEST(PrepareAhead, WarnsOnce) {
  std::atomic<int> warnings = 0;
  set_log_handler([&](LogLevel level, std::string_view) {
    if (level == LogLevel::kWarning) ++warnings;
  });
  {
    PrepareAhead ahead(kName, small(), 4);
    std::vector<std::future<Picture>> coming;
    for (int i = 0; i < kFrames; ++i) {
      const auto frame = make_noise(i);
      frame->color_trc = AVCOL_TRC_SMPTE2084;
      coming.push_back(ahead.whole(*frame, {.codec = AV_CODEC_ID_H264}));
    }
    for (auto& picture : coming) picture.get();
  }
  set_log_handler({});
  EXPECT_EQ(warnings, 1);
}

TEST(PrepareAhead, WhatIsNotAskedForIsDropped) {
  PrepareAhead ahead(kName, small(), 2);
  for (int i = 0; i < kFrames; ++i) ahead.whole(*make_noise(i), {.codec = AV_CODEC_ID_H264});
}

TEST(PrepareAhead, HalfAsManyAsDecode) {
  EXPECT_EQ(preparing_threads(1), 1U);
  EXPECT_EQ(preparing_threads(3), 1U);
  EXPECT_EQ(preparing_threads(8), 4U);
  EXPECT_GE(preparing_threads(0), 1U);
}

}  // namespace
}  // namespace clipclap::media
