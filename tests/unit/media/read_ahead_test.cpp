// A reader gives the same on a thread of its own, and several go on at once.
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/prefetch.h"
#include "media/media_reader.h"

namespace clipclap::media {
namespace {

constexpr std::uint32_t kRate = 8000;
constexpr std::uint32_t kSeconds = 90;

void write_little_endian(std::ostream& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.put(static_cast<char>(value >> (8 * i)));
}

/// A rising tone as 16-bit mono WAV (RIFF, Microsoft 1991: "fmt " of PCM, then "data").
void write_tone(const std::filesystem::path& path) {
  constexpr std::uint32_t kCount = kRate * kSeconds;
  std::ofstream out(path, std::ios::binary);
  out << "RIFF";
  write_little_endian(out, 36 + 2 * kCount, 4);
  out << "WAVEfmt ";
  write_little_endian(out, 16, 4);
  write_little_endian(out, 1, 2);  // PCM
  write_little_endian(out, 1, 2);  // channels
  write_little_endian(out, kRate, 4);
  write_little_endian(out, 2 * kRate, 4);
  write_little_endian(out, 2, 2);
  write_little_endian(out, 16, 2);
  out << "data";
  write_little_endian(out, 2 * kCount, 4);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const double time = static_cast<double>(i) / kRate;
    const auto value = static_cast<std::int16_t>(9000 * std::sin(6.28 * (200 + 10 * time) * time));
    write_little_endian(out, static_cast<std::uint16_t>(value), 2);
  }
}

class ReadAhead : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            ("clipclap-read-ahead-" + std::to_string(getpid()) + ".wav");
    write_tone(path_);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  MediaReader open() const {
    ReaderOptions options{.wishes = {.pictures = false, .sounds = true, .chosen = {}}};
    options.sound = {.sample_rate = 48000, .window_seconds = 5, .hop_seconds = 2};
    return MediaReader(path_.string(), options);
  }

  std::filesystem::path path_;
};

TEST_F(ReadAhead, GivesTheSameWindows) {
  auto direct = open();
  auto first = open();
  auto second = open();
  Prefetch<MediaReader::Item> a(4, [&] { return first.next(); });
  Prefetch<MediaReader::Item> b(1, [&] { return second.next(); });
  std::size_t count = 0;
  while (const auto wanted = direct.next()) {
    ++count;
    const auto& window = std::get<SoundWindow>(wanted->content);
    for (auto* prefetch : {&a, &b}) {
      const auto item = prefetch->next();
      ASSERT_TRUE(item);
      const auto& other = std::get<SoundWindow>(item->content);
      EXPECT_EQ(other.start_seconds, window.start_seconds);
      EXPECT_EQ(other.samples, window.samples);
    }
  }
  EXPECT_GT(count, 40u);
  EXPECT_FALSE(a.next());
  EXPECT_FALSE(b.next());
}

TEST_F(ReadAhead, MayBeGivenUpHalfWay) {
  for (int items = 0; items < 5; ++items) {
    auto reader = open();
    Prefetch<MediaReader::Item> prefetch(2, [&] { return reader.next(); });
    for (int i = 0; i < items; ++i) EXPECT_TRUE(prefetch.next());
  }
}

}  // namespace
}  // namespace clipclap::media
