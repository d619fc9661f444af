#include "media/packet_units.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace clipclap::media {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// The first byte of each unit, one after the other.
class UnitReader {
 public:
  UnitReader(const AVPacket& packet, int length_bytes)
      : rest_(packet.data, static_cast<std::size_t>(packet.size)),
        length_bytes_(static_cast<std::size_t>(length_bytes)) {}

  std::optional<std::uint8_t> next() { return length_bytes_ > 0 ? by_length() : by_start_code(); }

 private:
  std::optional<std::uint8_t> by_length() {
    if (rest_.size() <= length_bytes_) return std::nullopt;
    std::size_t length = 0;
    for (const auto byte : rest_.first(length_bytes_)) length = (length << 8) | byte;
    rest_ = rest_.subspan(length_bytes_);
    if (length == 0 || length > rest_.size()) return std::nullopt;
    const auto head = rest_.front();
    rest_ = rest_.subspan(length);
    return head;
  }

  std::optional<std::uint8_t> by_start_code() {
    for (std::size_t i = 0; i + 3 < rest_.size(); ++i) {
      if (rest_[i] != 0 || rest_[i + 1] != 0 || rest_[i + 2] != 1) continue;
      const auto head = rest_[i + 3];
      rest_ = rest_.subspan(i + 3);
      return head;
    }
    return std::nullopt;
  }

  Bytes rest_;
  std::size_t length_bytes_;
};

/// The type of a packet's first unit that holds a part of a picture.
std::optional<int> picture_unit(AVCodecID codec, const AVPacket& packet, int length_bytes) {
  UnitReader units(packet, length_bytes);
  while (const auto head = units.next()) {
    const int type = codec == AV_CODEC_ID_H264 ? *head & 0x1F : (*head >> 1) & 0x3F;
    const bool is_picture = codec == AV_CODEC_ID_H264 ? type >= 1 && type <= 5 : type < 32;
    if (is_picture) return type;
  }
  return std::nullopt;
}

}  // namespace

int unit_length_bytes(const AVCodecParameters& codec) {
  const Bytes extra(codec.extradata, static_cast<std::size_t>(codec.extradata_size));
  constexpr std::size_t kH264Place = 4;
  constexpr std::size_t kH265Place = 21;
  const bool is_h264 = codec.codec_id == AV_CODEC_ID_H264;
  if (!is_h264 && codec.codec_id != AV_CODEC_ID_HEVC) return 0;
  const std::size_t place = is_h264 ? kH264Place : kH265Place;
  // The record begins with its version, 1; start codes with 0.
  if (extra.size() <= place || extra.front() != 1) return 0;
  return (extra[place] & 3) + 1;
}

bool starts_anew(AVCodecID codec, const AVPacket& packet, int length_bytes) {
  if ((packet.flags & AV_PKT_FLAG_KEY) == 0) return false;
  switch (codec) {
    case AV_CODEC_ID_H264: {
      // Containers mark recovery points, too, from which a picture only builds up.
      constexpr int kInstantRefresh = 5;
      return picture_unit(codec, packet, length_bytes) == kInstantRefresh;
    }
    case AV_CODEC_ID_HEVC: {
      constexpr int kFirstRandomAccess = 16;
      constexpr int kLastRandomAccess = 21;
      const auto type = picture_unit(codec, packet, length_bytes);
      return type && *type >= kFirstRandomAccess && *type <= kLastRandomAccess;
    }
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
    case AV_CODEC_ID_VP8:
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
      return true;
    default: {
      const AVCodecDescriptor* descriptor = avcodec_descriptor_get(codec);
      return descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
    }
  }
}

bool marks_unreferred(AVCodecID codec) {
  // H.265 says it only among frames of one temporal layer.
  return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_MPEG1VIDEO ||
         codec == AV_CODEC_ID_MPEG2VIDEO || codec == AV_CODEC_ID_MPEG4;
}

}  // namespace clipclap::media
