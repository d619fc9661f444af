// What is taken from a media file, as plain data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <clipclap/export.h>

namespace clipclap {

enum class MediaKind { kVideo, kImage, kAudio };

/// "video", "image" or "audio".
CLIPCLAP_API std::string_view to_string(MediaKind kind) noexcept;

/// Which frames of a video are looked at.
struct Sampling {
  enum class Mode {
    kInterval,   ///< the first frame, then the first at or after each multiple of the interval
    kEveryNth,   ///< the first frame, then every n-th as decoded; 1 takes all
    kKeyframes,  ///< only frames that stand alone; nothing else is decoded
  };
  Mode mode = Mode::kInterval;
  double interval_seconds = 1.0;
  int frame_step = 1;
  /// With an interval: takes what costs least to decode near its multiples, a key frame within half
  /// an interval, else the next frame that others refer to.
  bool fast = false;

  /// Reads the command line's form: "1s", "0.5s", "250ms", "2m" (an interval), or "1", "25" (every
  /// n-th frame). Throws Error (kInvalidArgument) for anything else, zero and negatives included.
  CLIPCLAP_API static Sampling parse(std::string_view text);
};

/// A stream of a file: the n-th video or the n-th sound, as ffmpeg's stream specifiers count.
struct StreamChoice {
  MediaKind kind = MediaKind::kVideo;  ///< kVideo or kAudio
  int number = 0;

  /// Reads "v:0" or "a:1"; a bare "v" or "a" is the first. Throws Error (kInvalidArgument).
  CLIPCLAP_API static StreamChoice parse(std::string_view text);
  /// "v:0".
  CLIPCLAP_API std::string name() const;
  bool operator==(const StreamChoice&) const = default;
};

/// A region of an upright picture in pixels, from its top left corner.
struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  bool operator==(const Box&) const = default;
};

/// The stretch of one stream of one file that a result speaks of. Times are on the file's own
/// clock (what ffprobe prints as `pts_time`); an image stands at 0.
struct Window {
  std::string file;
  std::string stream;  ///< "v:0" is the first video stream, "a:0" the first sound
  MediaKind kind = MediaKind::kVideo;
  double start_seconds = 0;
  double end_seconds = 0;
  /// There is nothing to hear in it, so it has neither labels nor embedding.
  bool is_silent = false;
  /// Where it speaks of a part of the picture.
  std::optional<Box> box{};
  std::string box_label{};  ///< what the detector called it
};

}  // namespace clipclap
