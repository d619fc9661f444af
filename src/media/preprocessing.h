// The geometry of a model's picture preprocessing, exact to the reference (Pillow).
#pragma once

#include <array>
#include <cstdint>

#include <clipclap/picture.h>

namespace clipclap::media {

/// Pillow's numbers (PIL.Image.Resampling), as preprocessor_config.json writes them.
enum class Filter {
  kNearest = 0,
  kLanczos = 1,
  kBilinear = 2,
  kBicubic = 3,
  kBox = 4,
  kHamming = 5
};

/// What a checkpoint orders, defaults filled in.
struct Preprocessing {
  enum class Resize {
    kNone,
    kShortestEdge,  ///< the shorter side becomes `resize_height`, the longer follows (floored)
    kLongestEdge,   ///< the picture becomes as large as fits into resize_height × resize_width
                    ///< (sides rounded, half to even)
    kSquash,        ///< both sides become resize_height × resize_width, whatever the shape
    kPatchBudget,   ///< the shape stays; sides become multiples of `patch_size`, as large as
                    ///< `patch_limit` patches allow
  };
  Resize resize = Resize::kShortestEdge;
  int resize_height = 224;
  int resize_width = 224;
  int patch_size = 16;
  int patch_limit = 256;
  Filter filter = Filter::kBicubic;
  /// Where an odd difference between the picture's side and the crop's puts the crop, and where it
  /// puts a smaller picture inside.
  enum class Centering {
    kTransformers,  ///< offset floor((H - h) / 2), below 0 too
    kTorchvision,   ///< offset (H - h) / 2 rounded, half to even; inside, floor((h - H) / 2)
  };
  bool center_crop = true;  ///< smaller pictures are padded with `fill`
  Centering centering = Centering::kTransformers;
  std::uint8_t fill = 0;
  int crop_height = 224;
  int crop_width = 224;
  double rescale = 1.0 / 255.0;         ///< 1 where rescaling is off
  std::array<double, 3> mean{0, 0, 0};  ///< 0 where normalising is off
  std::array<double, 3> std{1, 1, 1};   ///< 1 where normalising is off
};

/// Resizes and crops as ordered: the 8-bit picture just before rescaling, equal to Pillow's byte by
/// byte for square pixels; other pixels are taken into account in the same single resize.
/// Throws Error (kInvalidArgument) for pictures without area or a result too large to be meant.
Picture prepare(const Picture& picture, const Preprocessing& preprocessing);

}  // namespace clipclap::media
