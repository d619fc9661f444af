// Which packets of a film must be decoded for the frames that are sampled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "media/ffmpeg_handles.h"
#include "media/sampling.h"

namespace clipclap::media {

/// Holds packets back until it is known which of them become sampled frames. What no sampled frame
/// needs is not decoded: frames that no other refers to, and what follows the last sampled frame
/// before the next key frame that stands alone. The sampled frames are the same, as long as the
/// file is not damaged. Where the file's times do not tell, everything is decoded. Not thread-safe.
class PacketPlanner {
 public:
  /// `looks_far`: until the next key frame, a second or ten ahead; otherwise a few frames.
  PacketPlanner(const AVCodecParameters& codec, bool looks_far);

  struct Planned {
    PacketPointer packet;  ///< nullptr at the end of the stream
    enum class Use { kDecode, kDecodeIfReferred, kDrop } use = Use::kDecode;
  };

  /// Takes the next packet, or nullptr at the end of the stream.
  void push(const AVPacket* packet);

  /// What can be decided so far, in order. `sampler` has seen all frames that were decoded.
  std::optional<Planned> next(const Sampler& sampler);

  /// Tells of each frame that comes out of the decoder. Where it is not one that a packet
  /// announced, packets cannot tell of frames, and from here on everything is decoded.
  void check_frame(std::int64_t timestamp);

 private:
  /// The packets up to the next that starts anew, of those that wait.
  struct Run {
    std::size_t left = 0;
    std::size_t needed = 0;  ///< of these, from the first on
  };

  bool starts_anew(const AVPacket& packet) const;
  bool is_sampled(const Sampler& sampler, std::int64_t timestamp) const;
  std::optional<Run> plan_run(const Sampler& sampler) const;
  std::optional<Planned> next_of_run(const Sampler& sampler);
  Planned take_first(Planned::Use use);

  AVCodecID codec_;
  bool looks_far_;
  bool skips_unreferred_;
  int length_bytes_;
  std::deque<PacketPointer> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::set<std::int64_t> times_;     ///< of packets that wait or came not long before
  std::set<std::int64_t> decoding_;  ///< times of frames that may still come out of the decoder
  std::int64_t last_decode_time_ = INT64_MIN;
  bool at_end_ = false;
  bool gave_up_ = false;
  Run run_;
  /// Nothing is decoded until a packet that starts anew.
  bool dropping_ = false;
  /// Behind such a packet may come frames that are shown before it and refer to what was dropped.
  std::optional<std::int64_t> leading_until_;
};

}  // namespace clipclap::media
