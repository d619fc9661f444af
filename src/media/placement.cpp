#include "media/placement.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap::media {
namespace {

/// More pixels than any preprocessing means: a slip in a configuration or a sliver of a picture.
constexpr double kMaxResultPixels = 1 << 28;

struct Size {
  int width = 0;
  int height = 0;
};

void check_shape(const Shape& shape) {
  if (shape.width <= 0 || shape.height <= 0) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("a picture of {} x {} pixels has no area", shape.width, shape.height));
  }
  if (!std::isfinite(shape.pixel_aspect) || shape.pixel_aspect <= 0) {
    throw Error(ErrorCode::kInvalidArgument, "a picture's pixel_aspect must be above 0");
  }
}

void check_order(const Preprocessing& order) {
  const bool resizes = order.resize != Preprocessing::Resize::kNone;
  const bool needs_width = order.resize == Preprocessing::Resize::kSquash ||
                           order.resize == Preprocessing::Resize::kLongestEdge;
  if (resizes && (order.resize_height <= 0 || (needs_width && order.resize_width <= 0))) {
    throw Error(ErrorCode::kInvalidArgument, "preprocessing resizes to a side that is not above 0");
  }
  if (order.center_crop && (order.crop_height <= 0 || order.crop_width <= 0)) {
    throw Error(ErrorCode::kInvalidArgument, "preprocessing crops to a side that is not above 0");
  }
  if (order.resize == Preprocessing::Resize::kPatchBudget &&
      (order.patch_size <= 0 || order.patch_limit <= 0)) {
    throw Error(ErrorCode::kInvalidArgument, "preprocessing cuts into no patches");
  }
}

/// transformers, image_transforms.py, get_resize_output_image_size with default_to_square=False:
/// int(size * long / short), here of the shape as shown. For square pixels the products are whole
/// numbers below 2^53, so the arithmetic equals Python's.
Size shortest_edge_size(const Shape& picture, int edge) {
  const double width = picture.width * picture.pixel_aspect;
  const double height = picture.height;
  const double longer = edge * std::max(width, height) / std::min(width, height);
  if (!(longer < 2147483647.0)) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("a picture of {} x {} pixels is too long and thin to be resized to "
                            "{} pixels a side",
                            picture.width, picture.height, edge));
  }
  const int other = static_cast<int>(longer);
  return width <= height ? Size{edge, other} : Size{other, edge};
}

/// open_clip, transform.py, ResizeKeepRatio with longest=1. A sliver of a picture, which would
/// vanish there, keeps one pixel.
Size longest_edge_size(const Shape& picture, const Preprocessing& order) {
  const double width = picture.width * picture.pixel_aspect;
  const double height = picture.height;
  const double ratio = std::max(height / order.resize_height, width / order.resize_width);
  return {std::max(1, static_cast<int>(std::nearbyint(width / ratio))),
          std::max(1, static_cast<int>(std::nearbyint(height / ratio)))};
}

/// transformers, models/siglip2/image_processing_siglip2.py, get_image_size_for_max_num_patches: a
/// binary search for the largest scale, step by step the same, since its end decides the size.
Size patch_budget_size(const Shape& picture, int patch_size, int patch_limit) {
  constexpr double kPrecision = 1e-5;
  const auto patches = [&](double scale, double side) {
    return std::max(1.0, std::ceil(side * scale / patch_size));
  };
  const double width = picture.width * picture.pixel_aspect;
  const double height = picture.height;
  double least = kPrecision / 10;
  double most = 100.0;
  while (most - least >= kPrecision) {
    const double scale = (least + most) / 2;
    (patches(scale, height) * patches(scale, width) <= patch_limit ? least : most) = scale;
  }
  return {static_cast<int>(patches(least, width)) * patch_size,
          static_cast<int>(patches(least, height)) * patch_size};
}

Size resized_size(const Shape& picture, const Preprocessing& order) {
  switch (order.resize) {
    case Preprocessing::Resize::kShortestEdge:
      return shortest_edge_size(picture, order.resize_height);
    case Preprocessing::Resize::kLongestEdge:
      return longest_edge_size(picture, order);
    case Preprocessing::Resize::kSquash:
      return {order.resize_width, order.resize_height};
    case Preprocessing::Resize::kPatchBudget:
      return patch_budget_size(picture, order.patch_size, order.patch_limit);
    case Preprocessing::Resize::kNone:
      break;
  }
  return {picture.width, picture.height};
}

/// Where a crop of `size` takes its pixels on an axis of `available`: from `source` on, `count` of
/// them, put at `target` (transformers, image_transforms.py, center_crop; torchvision,
/// transforms/functional.py, center_crop).
struct CropAxis {
  int source = 0;
  int target = 0;
  int count = 0;
};

CropAxis crop_axis(int available, int size, Preprocessing::Centering centering) {
  const bool rounds = centering == Preprocessing::Centering::kTorchvision;
  const int difference = available - size;
  if (difference < 0) return {0, (rounds ? -difference : 1 - difference) / 2, available};
  const int half = difference / 2;
  return {half + (rounds && difference % 2 != 0 && half % 2 != 0 ? 1 : 0), 0, size};
}

}  // namespace

Placement place(const Shape& picture, const Preprocessing& preprocessing) {
  check_shape(picture);
  check_order(preprocessing);
  const Size size = resized_size(picture, preprocessing);
  const Size result =
      preprocessing.center_crop ? Size{preprocessing.crop_width, preprocessing.crop_height} : size;
  if (static_cast<double>(result.width) * result.height > kMaxResultPixels) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("preprocessing would make a picture of {} x {} pixels; check its sizes",
                            result.width, result.height));
  }
  const CropAxis x = crop_axis(size.width, result.width, preprocessing.centering);
  const CropAxis y = crop_axis(size.height, result.height, preprocessing.centering);
  return {.width = size.width,
          .height = size.height,
          .region = {x.source, y.source, x.count, y.count},
          .result_width = result.width,
          .result_height = result.height,
          .left = x.target,
          .top = y.target};
}

Picture put_in_place(std::vector<std::uint8_t> pixels, const Placement& placement,
                     std::uint8_t fill) {
  const auto& region = placement.region;
  Picture result{placement.result_width, placement.result_height, 1.0, {}};
  if (region.width == result.width && region.height == result.height) {
    result.rgb = std::move(pixels);
    return result;
  }
  const auto row_bytes = 3 * static_cast<std::size_t>(result.width);
  const auto source_row_bytes = 3 * static_cast<std::size_t>(region.width);
  result.rgb.assign(row_bytes * static_cast<std::size_t>(result.height), fill);
  for (int row = 0; row < region.height; ++row) {
    std::memcpy(&result.rgb[static_cast<std::size_t>(placement.top + row) * row_bytes +
                            3 * static_cast<std::size_t>(placement.left)],
                &pixels[static_cast<std::size_t>(row) * source_row_bytes], source_row_bytes);
  }
  return result;
}

}  // namespace clipclap::media
