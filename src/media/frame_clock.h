// Where frames stand in time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// Gives each decoded frame its time on the file's own clock, in the stream's time base. Where the
/// file gives none, it follows the frame before by one frame's duration; where its clock jumps back
/// (files joined end to end), the times go on from where they were. Not thread-safe.
class FrameClock {
 public:
  /// `name` is the input's, for the warning about a jump.
  FrameClock(const AVStream& stream, std::string name);

  struct Place {
    std::int64_t start = 0;
    std::int64_t end = 0;
  };

  /// Places the next frame. Starts never fall.
  Place place(const AVFrame& frame);

  /// The end of a packet that is not decoded, as far as it is known.
  std::optional<std::int64_t> packet_end(const AVPacket& packet) const;

  double to_seconds(std::int64_t timestamp) const;

 private:
  std::int64_t duration_of(const AVFrame& frame) const;

  std::string name_;
  AVRational time_base_;
  std::int64_t usual_duration_ = 0;
  std::int64_t origin_ = 0;
  std::int64_t shift_ = 0;
  std::optional<Place> last_;
  /// The file told where the last frame stands; otherwise it was guessed.
  bool last_is_told_ = false;
};

}  // namespace clipclap::media
