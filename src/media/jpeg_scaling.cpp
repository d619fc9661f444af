#include "media/jpeg_scaling.h"

#include <new>
#include <utility>

#include <turbojpeg.h>

#include "media/decoder.h"

namespace clipclap::media {

void ScalableJpeg::Close::operator()(void* decoder) const { tjDestroy(decoder); }

std::optional<ScalableJpeg> ScalableJpeg::open(std::span<const std::uint8_t> file) {
  ScalableJpeg jpeg;
  jpeg.decoder_.reset(tjInitDecompress());
  if (!jpeg.decoder_) throw std::bad_alloc();
  jpeg.file_ = file;
  int subsampling = 0;
  int colours = 0;
  const int result = tjDecompressHeader3(jpeg.decoder_.get(), file.data(), file.size(),
                                         &jpeg.width_, &jpeg.height_, &subsampling, &colours);
  const bool is_plain = colours == TJCS_YCbCr || colours == TJCS_GRAY;
  jpeg.has_even_chroma_ =
      subsampling == TJSAMP_444 || subsampling == TJSAMP_420 || subsampling == TJSAMP_GRAY;
  const bool is_too_large = std::int64_t{jpeg.width_} * jpeg.height_ > kMaxPixels;
  if (result != 0 || !is_plain || is_too_large) return std::nullopt;
  return jpeg;
}

std::optional<ScalableJpeg::Scaled> ScalableJpeg::decode(int width, int height) const {
  // Measured: docs/decisions/one-pass-pictures.md
  const int surplus = has_even_chroma_ ? 4 : 5;
  int divisor = 8;
  while (divisor > 1 &&
         (width_ / divisor < surplus * width || height_ / divisor < surplus * height)) {
    divisor /= 2;
  }
  if (divisor == 1) return std::nullopt;
  const tjscalingfactor part{1, divisor};
  Picture picture{TJSCALED(width_, part), TJSCALED(height_, part), 1.0, {}};
  picture.rgb.resize(std::size_t{3} * static_cast<std::size_t>(picture.width) *
                     static_cast<std::size_t>(picture.height));
  constexpr int kFlags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT;
  const int result = tjDecompress2(decoder_.get(), file_.data(), file_.size(), picture.rgb.data(),
                                   picture.width, 0, picture.height, TJPF_RGB, kFlags);
  if (result != 0) return std::nullopt;
  return Scaled{std::move(picture),
                {static_cast<double>(width_) / divisor, static_cast<double>(height_) / divisor}};
}

}  // namespace clipclap::media
