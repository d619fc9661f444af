// How many threads decode what.
#include "media/decoder.h"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

extern "C" {
#include <libavutil/cpu.h>
}

namespace clipclap::media {
namespace {

struct FreeFormat {
  void operator()(AVFormatContext* format) const { avformat_free_context(format); }
};

class DecoderThreads : public testing::Test {
 protected:
  AVStream& stream(AVMediaType type, AVCodecID codec) {
    AVStream* stream = avformat_new_stream(format_.get(), nullptr);
    stream->codecpar->codec_type = type;
    stream->codecpar->codec_id = codec;
    return *stream;
  }

 private:
  std::unique_ptr<AVFormatContext, FreeFormat> format_{avformat_alloc_context()};
};

TEST_F(DecoderThreads, OfAFilmKeepAllCoresBusy) {
  const auto& film = stream(AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264);
  const int all = std::min(kDecoderThreadsACore * av_cpu_count(), 16);
  for (const int asked : {0, 1, 3}) {
    const DecoderOptions options{.threads = asked};
    EXPECT_EQ(Decoder(film, options, "film").context().thread_count, asked == 0 ? all : asked);
    EXPECT_EQ(decoder_threads(film, options, "film"), asked == 0 ? all : asked);
  }
}

TEST_F(DecoderThreads, OfSoundIsOne) {
  // All of these decoders could have more.
  for (const auto codec : {AV_CODEC_ID_FLAC, AV_CODEC_ID_WAVPACK, AV_CODEC_ID_ALAC}) {
    const auto& sound = stream(AVMEDIA_TYPE_AUDIO, codec);
    for (const int asked : {0, 4}) {
      EXPECT_EQ(decoder_threads(sound, {.threads = asked}, "sound"), 1);
    }
  }
  const auto& flac = stream(AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_FLAC);
  EXPECT_EQ(Decoder(flac, {}, "sound").context().thread_count, 1);
}

}  // namespace
}  // namespace clipclap::media
