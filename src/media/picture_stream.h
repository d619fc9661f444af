// From the packets of a video stream, or of a picture, to upright RGB pictures with their times.
#pragma once

#include <deque>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <clipclap/boxes.h>
#include <clipclap/media.h>

#include "media/box_track.h"
#include "media/decoder.h"
#include "media/frame_clock.h"
#include "media/frame_preparer.h"
#include "media/media_stream.h"
#include "media/orientation.h"
#include "media/packet_planner.h"
#include "media/prepare_ahead.h"
#include "media/preprocessing.h"
#include "media/sampling.h"

namespace clipclap::media {

/// What a picture stream needs to know of the file around it; all of it outlives the stream.
struct PictureSource {
  AVFormatContext& format;
  const AVStream& stream;
  /// Nothing where there is no packet.
  const AVPacket* first_packet;
  bool is_still;
  const std::string& name;
};

struct PictureOptions {
  Sampling sampling{};
  /// Pictures are prepared so; otherwise they are as large as they are stored.
  std::optional<Preprocessing> preprocessing{};
  int decoder_threads = 0;
  /// Regions that are given in place of whole pictures; `sampling` counts for nothing then.
  std::optional<std::vector<DetectedBox>> boxes{};
};

/// One stream of pictures: a video's sampled frames, or the one still picture, or regions of
/// them. Not thread-safe.
///
/// Throws Error (kUnsupported, kInvalidData) where a still picture is damaged; damaged packets of
/// videos are passed over.
class PictureStream final : public MediaStream {
 public:
  PictureStream(const PictureSource& source, const PictureOptions& options);

  void push(const AVPacket* packet) override;
  std::optional<MediaItem> next() override;
  bool has_decoded() const override { return frames_ > 0; }
  void require_decoded() const override;
  double end_seconds() const override;
  /// As it decodes; AV_PIX_FMT_NONE before the first picture.
  AVPixelFormat pixel_format() const { return decoder_.context().pix_fmt; }

 private:
  static DecoderOptions decoder_options(const PictureSource& source, bool skips, int threads);
  static bool skips_packets(const PictureSource& source, const Sampling& sampling);
  void read_stored_orientation(const AVPacket* file);
  bool send_next();
  struct TimeSpan {
    double start_seconds = 0;
    double end_seconds = 0;
  };
  /// One whose picture may be still to come.
  struct Coming {
    SampledPicture sampled;
    std::future<Picture> picture{};  ///< not valid where it is there
  };
  bool may_hand_over() const;
  bool is_unneeded(const AVPacket& packet) const;
  void take_still();
  void take_frame();
  void take_pending(double end_seconds);
  void hold_frame(double start_seconds);
  void take_held(double end_seconds, bool is_last);
  void add_regions(const AVFrame& frame, const FrameTraits& traits,
                   const std::vector<DetectedBox>& found, TimeSpan time);
  void finish();
  void note_end(std::int64_t end) { end_ = std::max(end_.value_or(end), end); }
  Orientation frame_orientation(const AVFrame& frame) const;
  FrameTraits frame_traits(AVFrame& frame) const;
  bool take_scaled(const AVPacket& file);
  [[noreturn]] void throw_damaged_still() const;

  PictureSource source_;
  bool skips_packets_;  ///< all but key frames
  Decoder decoder_;
  std::optional<PacketPlanner> planner_;
  FrameClock clock_;
  Sampler sampler_;
  std::optional<Preprocessing> preprocessing_;
  FramePreparer preparer_;  ///< of what is looked at one by one
  PrepareAhead ahead_;      ///< of a film's frames
  std::optional<Orientation> stored_orientation_;

  FramePointer frame_ = make_frame();
  std::size_t frames_ = 0;
  /// The furthest end of a frame or packet so far, on the clock's scale.
  std::optional<std::int64_t> end_;
  /// The start of the last frame.
  std::int64_t last_start_ = 0;
  /// What waits to be asked for.
  std::deque<Coming> ready_;
  /// The last sampled picture waits here until the next one's start is known.
  std::optional<Coming> pending_;

  std::optional<BoxTrack> boxes_;
  /// The last frame waits so, where there are boxes.
  FramePointer held_frame_ = make_frame();
  std::optional<double> held_start_;
  bool has_finished_ = false;
};

}  // namespace clipclap::media
