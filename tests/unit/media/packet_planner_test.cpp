// What is not decoded, by runs of made-up packets.
#include "media/packet_planner.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace clipclap::media {
namespace {

using Use = PacketPlanner::Planned::Use;

constexpr AVRational kTimeBase{1, 10};

/// A packet of one byte, shown at `pts`.
PacketPointer packet(std::int64_t pts, std::int64_t dts, bool is_key) {
  auto result = make_packet();
  if (av_new_packet(result.get(), 1) < 0) throw std::bad_alloc();
  result->data[0] = 0;
  result->pts = pts;
  result->dts = dts;
  result->flags = is_key ? AV_PKT_FLAG_KEY : 0;
  return result;
}

struct Film {
  AVCodecID codec;
  std::vector<std::int64_t> times;  ///< of the packets as they are decoded, ten a second
  std::vector<bool> keys;
};

/// One letter a packet: Decoded, or only where referred to (r), or dropped (-).
std::string plan(const Film& film, double interval_seconds, bool looks_far) {
  AVCodecParameters parameters{};
  parameters.codec_id = film.codec;
  PacketPlanner planner(parameters, looks_far);
  Sampler sampler({.interval_seconds = interval_seconds}, kTimeBase);
  sampler.take(film.times.front(), true);  // the first frame has come out of the decoder
  std::string letters;
  const auto drain = [&] {
    while (const auto planned = planner.next(sampler)) {
      if (!planned->packet) return;
      letters += planned->use == Use::kDecode ? 'D' : planned->use == Use::kDrop ? '-' : 'r';
    }
  };
  for (std::size_t i = 0; i < film.times.size(); ++i) {
    planner.push(packet(film.times[i], static_cast<std::int64_t>(i) - 2, film.keys[i]).get());
    drain();
  }
  planner.push(nullptr);
  drain();
  return letters;
}

/// Runs of `length` frames without any that are shown out of order.
Film plain(AVCodecID codec, std::int64_t count, std::int64_t length) {
  Film film{codec, {}, {}};
  for (std::int64_t i = 0; i < count; ++i) {
    film.times.push_back(i);
    film.keys.push_back(i % length == 0);
  }
  return film;
}

TEST(PacketPlanner, DropsWhatFollowsTheLastSampledFrameOfARun) {
  // Sampled are 0, 12 and 24.
  EXPECT_EQ(plan(plain(AV_CODEC_ID_VP9, 30, 5), 1.2, true), "D---------DDD-------DDDDD-----");
  EXPECT_EQ(plan(plain(AV_CODEC_ID_VP9, 30, 5), 1.2, false), std::string(30, 'D'));
}

TEST(PacketPlanner, FramesThatStandAloneAreDecodedAlone) {
  EXPECT_EQ(plan(plain(AV_CODEC_ID_MJPEG, 12, 1), 0.5, true), "D----D----D-");
}

TEST(PacketPlanner, CodecsThatSayWhatIsReferredToSkipTheRest) {
  EXPECT_EQ(plan(plain(AV_CODEC_ID_MPEG2VIDEO, 10, 5), 0.3, true), "DrrD-rDrrD");
  EXPECT_EQ(plan(plain(AV_CODEC_ID_MPEG2VIDEO, 10, 5), 0.3, false), "DrrDrrDrrD");
}

TEST(PacketPlanner, FramesShownBeforeTheirKeyFrameNeedTheRunBefore) {
  // Key frames at 0, 6 and 12; 4 and 5, 10 and 11 are decoded behind those that follow them.
  const Film film{AV_CODEC_ID_VP9,
                  {0, 1, 2, 3, 6, 4, 5, 7, 8, 9, 12, 10, 11, 13, 14},
                  {true, false, false, false, true, false, false, false, false, false, true, false,
                   false, false, false}};
  EXPECT_EQ(plan(film, 0.5, true), "DDDDDDDDDDDD---");  // 5 and 10
  EXPECT_EQ(plan(film, 0.7, true), "D---D--D--D--DD");  // 7 and 14: what leads is dropped
}

TEST(PacketPlanner, WithoutTimesEverythingIsDecoded) {
  auto film = plain(AV_CODEC_ID_MJPEG, 12, 1);
  film.times[0] = AV_NOPTS_VALUE;
  EXPECT_EQ(plan(film, 0.5, true), std::string(12, 'D'));
}

}  // namespace
}  // namespace clipclap::media
