#include "media/preprocessing.h"

#include <fmt/format.h>

#include <clipclap/error.h>

#include "media/placement.h"
#include "media/resample.h"

namespace clipclap::media {

Picture prepare(const Picture& picture, const Preprocessing& preprocessing) {
  const auto placement =
      place({picture.width, picture.height, picture.pixel_aspect}, preprocessing);
  const auto pixels =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
  if (picture.rgb.size() != 3 * pixels) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("a picture of {} x {} pixels needs {} bytes of RGB, not {}",
                            picture.width, picture.height, 3 * pixels, picture.rgb.size()));
  }
  return put_in_place(
      resample(picture, placement.width, placement.height, placement.region, preprocessing.filter),
      placement, preprocessing.fill);
}

}  // namespace clipclap::media
