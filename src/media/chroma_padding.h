// Odd sizes for swscale.
#pragma once

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

struct FrameSize {
  int width = 0;
  int height = 0;
};

/// The frame's size rounded up to whole chroma samples, where its planes can be padded to it;
/// otherwise its own size.
FrameSize chroma_padded_size(const AVFrame& frame);

/// A copy of the frame at chroma_padded_size(), its last column and row repeated; nothing where the
/// frame has that size already. swscale stretches the chroma of a 101 pixels wide picture by
/// 101 / 51 instead of 2, so its colours would drift from their place towards the edge.
/// Throws std::bad_alloc.
FramePointer pad_to_chroma(const AVFrame& frame);

}  // namespace clipclap::media
