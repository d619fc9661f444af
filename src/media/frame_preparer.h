// Decoded frames to pictures as a model takes them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <clipclap/media.h>
#include <clipclap/picture.h>

#include "media/color_converter.h"
#include "media/orientation.h"
#include "media/preprocessing.h"

namespace clipclap::media {

/// What a frame does not say of itself.
struct FrameTraits {
  AVCodecID codec = AV_CODEC_ID_NONE;  ///< that it was coded in
  double pixel_aspect = 1;             ///< as stored
  Orientation orientation{};
};

/// Makes pictures upright and, where a preprocessing is given, prepares them. Keeps its scaler
/// between frames of one kind. Not thread-safe.
class FramePreparer {
 public:
  /// `name` is the input's, for warnings and errors.
  FramePreparer(const std::string& name, const std::optional<Preprocessing>& preprocessing,
                std::shared_ptr<ColorWarnings> warnings = std::make_shared<ColorWarnings>())
      : preprocessing_(preprocessing), converter_(name, std::move(warnings)) {}

  /// Throws Error (kUnsupported) for pixel formats that cannot be converted.
  Picture whole(const AVFrame& frame, const FrameTraits& traits);

  /// Regions of the upright frame, each as if it were the whole. They must lie inside.
  std::vector<Picture> parts(const AVFrame& frame, const FrameTraits& traits,
                             std::span<const Box> boxes);

 private:
  Picture convert(const AVFrame& frame, const FrameTraits& traits);

  std::optional<Preprocessing> preprocessing_;
  ColorConverter converter_;
};

/// What of a box lies in a picture of this size; nothing where that has no area.
std::optional<Box> clip(const Box& box, int width, int height);

/// That region of a picture; it must lie inside.
Picture crop(const Picture& picture, const Box& box);

}  // namespace clipclap::media
