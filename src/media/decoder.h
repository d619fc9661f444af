// Packets to frames.
#pragma once

#include <string>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// Pictures beyond this are refused: a header of a few bytes must not order gigabytes.
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 28;

/// Of frames that are decoded side by side one waits for rows of another, and the more of them
/// there are, the more seldom a core finds none that can go on (docs/decisions/decoder-threads.md).
inline constexpr int kDecoderThreadsACore = 2;

struct DecoderOptions {
  int threads = 0;  ///< of a film's decoder; 0: as many as keep all cores busy
  bool keyframes_only = false;
  /// One picture, whose every flaw is an error.
  bool still = false;
};

/// How many threads the stream's decoder has. Throws as Decoder does.
int decoder_threads(const AVStream& stream, const DecoderOptions& options, const std::string& name);

/// One libavcodec decoder. Damaged packets are passed over and counted. Not thread-safe.
class Decoder {
 public:
  enum class Status { kFrame, kNeedsPacket, kEnd };

  /// Throws Error (kUnsupported) where there is no decoder.
  Decoder(const AVStream& stream, const DecoderOptions& options, std::string name);

  /// Takes a packet, or nullptr at the end. Only after receive() has answered kNeedsPacket.
  /// `only_if_referred`: it may be passed over where no other frame refers to it.
  void send(const AVPacket* packet, bool only_if_referred = false);

  /// The next frame.
  Status receive(AVFrame& frame);

  /// Packets and frames that could not be decoded so far, and the last reason.
  int failures() const { return failures_; }
  const std::string& last_failure() const { return last_failure_; }

  const AVCodecContext& context() const { return *context_; }

 private:
  void note_failure(int code);

  std::string name_;
  CodecPointer context_;
  int failures_ = 0;
  std::string last_failure_;
};

}  // namespace clipclap::media
