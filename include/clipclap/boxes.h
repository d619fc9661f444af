// Regions that a detector found, to be looked at in place of whole frames.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <clipclap/export.h>
#include <clipclap/media.h>

namespace clipclap {

/// A region of one frame of a video, or of a picture.
struct DetectedBox {
  /// The input: its name as it is given, or, without a slash, its file name. Empty: every input.
  std::string file{};
  /// When, on the file's own clock: the frame that is shown then.
  std::optional<double> start_seconds{};
  /// Or the frame's number as decoded, from 0. Pictures need neither, and take no notice of them.
  std::optional<std::int64_t> frame{};
  Box box;              ///< what of it lies outside the picture is cut off
  std::string label{};  ///< what the detector called it
};

/// Reads JSON lines, an object a box:
///   {"box":[x,y,width,height], "start":seconds or "frame":number, "file":…, "label":…}
/// "box_label" stands for "label", so records that were written with boxes are read back. Fractions
/// of pixels are rounded outwards; other keys count for nothing, nor do empty lines.
/// Throws Error (kNotFound, kIo), and (kInvalidArgument) with file and line of what is wrong: not
/// UTF-8, no JSON object, not four numbers, both a start and a frame, a value of the wrong kind.
CLIPCLAP_API std::vector<DetectedBox> read_boxes(const std::string& path);

/// Those with one of these labels in upper or lower case; all where "*" is among them.
CLIPCLAP_API std::vector<DetectedBox> choose_boxes(std::span<const DetectedBox> boxes,
                                                   std::span<const std::string> labels);

}  // namespace clipclap
