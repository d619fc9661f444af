// A reader gives the same on a thread of its own, and several go on at once.
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/read_ahead.h"
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

class ReadersAhead : public testing::Test {
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

TEST_F(ReadersAhead, GiveTheSameWindows) {
  clipclap::ReadAhead<MediaReader::Item> ahead(
      3, {.threads = 2, .items = 4, .sources = 2}, [&](std::size_t) {
        const auto reader = std::make_shared<MediaReader>(open());
        return [reader] { return reader->next(); };
      });
  for (int number = 0; number < 3; ++number) {
    auto direct = open();
    std::size_t count = 0;
    while (const auto wanted = direct.next()) {
      ++count;
      const auto& window = std::get<SoundWindow>(wanted->content);
      const auto step = ahead.next();
      ASSERT_TRUE(step && step->item);
      const auto& other = std::get<SoundWindow>(step->item->content);
      EXPECT_EQ(other.start_seconds, window.start_seconds);
      EXPECT_EQ(other.samples, window.samples);
    }
    EXPECT_GT(count, 40u);
    const auto end = ahead.next();
    ASSERT_TRUE(end);
    EXPECT_FALSE(end->item || end->failure);
  }
  EXPECT_FALSE(ahead.next());
}

}  // namespace
}  // namespace clipclap::media
