// What a packet's own bytes tell of how it can be decoded.
#pragma once

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// Bytes of the length before each unit of H.264 and H.265 (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1);
/// 0 where start codes part them, and for other codecs.
int unit_length_bytes(const AVCodecParameters& codec);

/// Whether decoding may start at this packet with nothing before it, but for frames that are shown
/// before its own.
bool starts_anew(AVCodecID codec, const AVPacket& packet, int length_bytes);

/// Whether libavcodec tells frames that no other refers to from the others, with nothing lost.
bool marks_unreferred(AVCodecID codec);

}  // namespace clipclap::media
