// A JPEG at a part of its size, straight from its transform.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <clipclap/picture.h>

#include "media/resample.h"

namespace clipclap::media {

/// A whole JPEG file, grey or YUV. Each block can be transformed to fewer pixels than it has
/// (libjpeg-turbo), which costs less than all of them and a resampling. Not thread-safe.
class ScalableJpeg {
 public:
  /// Nothing where the file is none; `file` outlives it.
  static std::optional<ScalableJpeg> open(std::span<const std::uint8_t> file);

  int width() const { return width_; }
  int height() const { return height_; }

  struct Scaled {
    Picture picture;  ///< as stored, not turned
    Box whole;        ///< how much of it is the JPEG; its last pixels may hang over
  };

  /// At a half, a quarter or an eighth of its size, the smallest that is so much larger than what
  /// is made of it, `width` × `height`, that what the transform leaves out does not show. Nothing
  /// where the picture is not large enough, or where the file has any flaw.
  std::optional<Scaled> decode(int width, int height) const;

 private:
  struct Close {
    void operator()(void* decoder) const;
  };

  ScalableJpeg() = default;

  std::unique_ptr<void, Close> decoder_;
  std::span<const std::uint8_t> file_;
  int width_ = 0;
  int height_ = 0;
  bool has_even_chroma_ = false;  ///< none, or divided alike in both directions
};

}  // namespace clipclap::media
