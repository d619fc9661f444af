// The regions that one input's pictures are looked at in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <clipclap/boxes.h>

namespace clipclap::media {

/// How large an upright frame is, and when it is shown.
struct ShownFrame {
  int width = 0;
  int height = 0;
  double start_seconds = 0;
  double end_seconds = 0;  ///< when the next one is shown
  bool is_last = false;
};

/// Hands each frame its boxes, in their order, cut at the picture's edges; those that have nothing
/// in the picture are counted. Not thread-safe.
class BoxTrack {
 public:
  /// `name` is the input's, for warnings and errors.
  BoxTrack(std::string name, std::vector<DetectedBox> boxes);

  /// All boxes: of a picture.
  std::vector<DetectedBox> of_picture(int width, int height);

  /// To be called for each frame of a video in order. A box belongs to the frame that is shown at
  /// its time, to the first one where it comes before. Throws Error (kInvalidArgument) for boxes
  /// that say no time.
  std::vector<DetectedBox> of_next_frame(const ShownFrame& frame);

  /// Whether no frame to come has boxes.
  bool is_done() const;

  /// At the end: warns of boxes that no picture had.
  void finish() const;

 private:
  void require_times() const;
  std::vector<DetectedBox> take(const std::vector<std::size_t>& numbers, int width, int height);

  std::string name_;
  std::vector<DetectedBox> boxes_;
  std::vector<std::size_t> by_time_;   ///< indices of those with a time, by it
  std::vector<std::size_t> by_frame_;  ///< and of those with a frame's number
  std::size_t times_taken_ = 0;
  std::size_t frames_taken_ = 0;
  std::int64_t next_frame_ = 0;
  std::size_t taken_ = 0;
  std::size_t outside_ = 0;
};

}  // namespace clipclap::media
