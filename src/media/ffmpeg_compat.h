// What libav names differently between FFmpeg 5.1 and the newest.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
}

#include <cstdint>

namespace clipclap::media {

/// In the stream's time base; 0 where unknown. (AVFrame.duration: FFmpeg 6.0.)
inline std::int64_t frame_duration(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  return frame.duration;
#else
  return frame.pkt_duration;
#endif
}

/// (AV_FRAME_FLAG_KEY: FFmpeg 6.1.)
inline bool is_key_frame(const AVFrame& frame) {
#ifdef AV_FRAME_FLAG_KEY
  return (frame.flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame.key_frame != 0;
#endif
}

/// The nine numbers of the stream's display matrix, or nullptr. (codecpar->coded_side_data:
/// FFmpeg 6.1.)
inline const std::int32_t* stream_display_matrix(const AVStream& stream) {
  constexpr std::size_t kMatrixBytes = 9 * sizeof(std::int32_t);
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  const AVPacketSideData* data =
      av_packet_side_data_get(stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data,
                              AV_PKT_DATA_DISPLAYMATRIX);
  if (data == nullptr || data->size < kMatrixBytes) return nullptr;
  return reinterpret_cast<const std::int32_t*>(data->data);
#else
  std::size_t size = 0;
  const std::uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (data == nullptr || size < kMatrixBytes) return nullptr;
  return reinterpret_cast<const std::int32_t*>(data);
#endif
}

}  // namespace clipclap::media
