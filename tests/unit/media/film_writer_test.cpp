#include "media/film_writer.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <clipclap/error.h>

#include "media/demuxer.h"
#include "media/media_reader.h"

namespace clipclap::media {
namespace {

constexpr int kWidth = 35;
constexpr int kHeight = 21;
constexpr double kFrameSeconds = 0.25;

std::vector<std::uint8_t> noise(int seed, int channels) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(kWidth * kHeight * channels));
  auto state = static_cast<std::uint32_t>(seed + 1);
  for (auto& pixel : pixels) {
    state = state * 1664525U + 1013904223U;
    pixel = static_cast<std::uint8_t>(state >> 24);
  }
  return pixels;
}

class FilmWriterTest : public ::testing::Test {
 protected:
  ~FilmWriterTest() override {
    for (const int descriptor : descriptors_) ::close(descriptor);
    for (const auto& path : paths_) std::filesystem::remove(path);
  }

  std::string path_of(const std::string& name) {
    paths_.push_back(::testing::TempDir() + std::to_string(::getpid()) + name);
    return paths_.back();
  }

  FilmTarget target(const std::string& path, const std::string& codec = {}) {
    descriptors_.push_back(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    return {.descriptor = descriptors_.back(), .name = path, .codec = codec, .encoder_threads = 1};
  }

  /// What a film is made of has to come from somewhere.
  std::string write_source() {
    const auto path = path_of("source.mkv");
    const auto goal = target(path);
    Muxer muxer(goal.descriptor, path, "");
    const auto& codec = find_encoder("ffv1", AV_CODEC_ID_NONE, path);
    Encoder encoder(
        codec, {.width = kWidth, .height = kHeight, .time_base = {1, 1000}, .threads = 1}, path);
    muxer.add_encoded(encoder.context());
    muxer.begin();
    const auto packet = make_packet();
    for (int i = 0; i < 3; ++i) {
      encoder.send(noise(i, 3), 250 * i, 250);
      while (encoder.receive(*packet)) muxer.write(*packet, 0, {1, 1000});
    }
    encoder.send_end();
    while (encoder.receive(*packet)) muxer.write(*packet, 0, {1, 1000});
    muxer.finish();
    return path;
  }

  static FilmPicture picture_of(int number, int channels) {
    return {.width = kWidth,
            .height = kHeight,
            .channels = channels,
            .pixels = noise(number, channels),
            .start_seconds = number * kFrameSeconds,
            .end_seconds = (number + 1) * kFrameSeconds,
            .source_format = AV_PIX_FMT_BGR0};
  }

  static std::vector<SampledPicture> read(const std::string& path) {
    MediaReader reader(path, {.sampling = {.mode = Sampling::Mode::kEveryNth, .frame_step = 1}});
    std::vector<SampledPicture> pictures;
    while (auto item = reader.next()) {
      pictures.push_back(std::get<SampledPicture>(std::move(item->content)));
    }
    return pictures;
  }

 private:
  std::vector<int> descriptors_;
  std::vector<std::string> paths_;
};

TEST_F(FilmWriterTest, WhatLosesNothingKeepsEveryBit) {
  const auto input = write_source();
  const auto path = path_of("out.mkv");
  Demuxer demuxer(input, {.others = true});
  const FilmSource source{demuxer.format(), *demuxer.streams().front().stream, false, input};
  FilmWriter writer(target(path, "ffv1"), source);
  for (int i = 0; i < 3; ++i) writer.write(picture_of(i + 7, 3));
  writer.finish();
  const auto pictures = read(path);
  ASSERT_EQ(pictures.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    const auto& picture = pictures[static_cast<std::size_t>(i)];
    EXPECT_EQ(picture.picture.rgb, noise(i + 7, 3));
    EXPECT_EQ(picture.start_seconds, (i + 7) * kFrameSeconds);
  }
}

TEST_F(FilmWriterTest, APictureIsOne) {
  const auto input = write_source();
  const auto path = path_of("out.png");
  Demuxer demuxer(input, {.others = true});
  const FilmSource source{demuxer.format(), *demuxer.streams().front().stream, false, input};
  FilmWriter writer(target(path), source);
  writer.write(picture_of(0, 1));
  EXPECT_THROW(writer.write(picture_of(1, 1)), Error);
  writer.finish();
  const auto pictures = read(path);
  const auto grey = noise(0, 1);
  ASSERT_EQ(pictures.size(), 1U);
  for (std::size_t i = 0; i < grey.size(); ++i) {
    EXPECT_EQ(pictures[0].picture.rgb[3 * i], grey[i]);
    EXPECT_EQ(pictures[0].picture.rgb[3 * i + 2], grey[i]);
  }
}

TEST_F(FilmWriterTest, WhatIsGivenUpLeavesNoMemoryBehind) {
  const auto input = write_source();
  Demuxer demuxer(input, {.others = true});
  const FilmSource source{demuxer.format(), *demuxer.streams().front().stream, false, input};
  FilmWriter untouched(target(path_of("a.mp4")), source);
  EXPECT_THROW(untouched.finish(), Error);
  FilmWriter begun(target(path_of("b.mkv"), "ffv1"), source);
  begun.write(picture_of(0, 3));
  EXPECT_THROW(FilmWriter(target(path_of("c.nothing")), source), Error);
  EXPECT_THROW(FilmWriter(target(path_of("d.mkv"), "nothing"), source), Error);
}

}  // namespace
}  // namespace clipclap::media
